"""What the green-thread library of the chosen async mode does: heavy work on a real thread, light work beside us."""

import threading
from collections.abc import Callable
from typing import Any

from flask_socketio import SocketIO

from chatx.extensions import background


def bind(socketio: SocketIO) -> None:
    """Fill the seam `extensions.background` for the async mode in use."""
    if socketio.async_mode != "eventlet":
        background.bind(call=_here, spawn=_thread)
        return
    from eventlet import patcher, spawn_n, tpool  # noqa: PLC0415 - no other mode needs it

    if patcher.is_monkey_patched("thread"):
        background.bind(call=tpool.execute, spawn=spawn_n)
    else:
        # A `flask` command: it serves nobody, and what it leaves to others would wait for a loop that never runs.
        background.bind(call=_here, spawn=_here, lasts=False)


def use_threads() -> None:
    """In a `flask` command that stays and serves nobody, as a worker does: real threads for what goes on beside it."""
    background.bind(call=_here, spawn=_thread)


def _here(work: Callable[..., Any], *args: Any) -> Any:
    return work(*args)


def _thread(work: Callable[..., Any], *args: Any) -> None:
    threading.Thread(target=work, args=args, daemon=True).start()
