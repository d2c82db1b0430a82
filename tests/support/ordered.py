"""The official Python client, hearing in the order of arrival: by itself it gives each packet a thread, and they overtake."""

from typing import Any

import engineio
import socketio


class OrderedEngine(engineio.Client):
    def _trigger_event(self, event: str, *args: Any, run_async: bool = False, **options: Any) -> Any:
        return super()._trigger_event(event, *args, run_async=False, **options)


class OrderedClient(socketio.Client):
    """Its handlers must not wait for an answer: they run where answers are read."""

    def _engineio_client_class(self) -> type[engineio.Client]:
        return OrderedEngine
