"""One private part of python-socketio's manager is overridden: how it forgets a client.

It looks through every room of the namespace, and each client has one of its own, so that a thousand who leave look a
million times. Nobody joins rooms here: the audience of a change says who hears it. `tests/sockets/test_manager.py` pins it.
"""

from typing import Any

from socketio import Manager

EVERYBODY = None  # the library's name for the room that all are in


class Roomless(Manager):
    """A manager of clients that are in no rooms but their own."""

    def basic_disconnect(self, sid: str, namespace: str, **kwargs: Any) -> None:
        for room in (sid, EVERYBODY):
            self.basic_leave_room(sid, namespace, room)
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            if sid in pending.get(namespace, ()):
                pending[namespace].remove(sid)
                if not pending[namespace]:
                    del pending[namespace]
