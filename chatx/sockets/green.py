"""What the green-thread library of the chosen async mode does: heavy work on a real thread, light work beside us."""

import threading
from collections.abc import Callable
from typing import Any

from flask_socketio import SocketIO

from chatx.extensions import background


def bind(socketio: SocketIO) -> None:
    """Fill the seam `extensions.background` for the async mode in use."""
    if socketio.async_mode == "eventlet":
        from eventlet import tpool  # noqa: PLC0415 - no other mode needs it

        background.bind(call=tpool.execute, spawn=socketio.start_background_task)
    else:
        background.bind(call=lambda work, *args: work(*args), spawn=_thread)


def _thread(work: Callable[..., Any], *args: Any) -> None:
    threading.Thread(target=work, args=args, daemon=True).start()
