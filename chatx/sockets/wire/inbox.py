"""What one client sent, handled in the order it came: a green thread works only while there is something to do."""

from collections import deque
from collections.abc import Callable

from eventlet import spawn_n
from eventlet.event import Event

MOST_WAITING = 64  # messages, beyond which nothing more is read
MOST_IN_FLIGHT = 32

Work = Callable[[], None]


class Inbox:
    """A queue of work. What is of one kind may be in flight together, anything else waits for what came before it.

    rest: called when it is no longer full.
    """

    __slots__ = ("_flying", "_kind", "_landed", "_rest", "_waiting", "_works")

    def __init__(self, rest: Work) -> None:
        self._waiting: deque[Work] = deque()
        self._rest = rest
        self._works = False
        self._flying = 0
        self._kind: str | None = None
        self._landed: Event | None = None

    @property
    def full(self) -> bool:
        """Whether more than enough waits already."""
        return len(self._waiting) >= MOST_WAITING

    @property
    def busy(self) -> bool:
        """Whether something runs, or is in flight."""
        return self._works or self._flying > 0

    def put(self, work: Work) -> None:
        """Have it done after everything before it."""
        self._waiting.append(work)
        if not self._works:
            self._works = True
            spawn_n(self._work)

    def clear(self) -> None:
        """Forget what has not begun."""
        self._waiting.clear()

    def lets_fly(self, kind: str) -> bool:
        """Whether a call of this kind may take off at once, past no other; it is counted then."""
        if self._works or self._waiting or (self._flying and (kind != self._kind or self._flying >= MOST_IN_FLIGHT)):
            return False
        self._kind = kind
        self._flying += 1
        return True

    def take_off(self, kind: str | None = None) -> None:
        """Wait until only calls of this kind are in flight, and not too many; count one more, unless it has no kind."""
        while self._flying and (kind is None or kind != self._kind or self._flying >= MOST_IN_FLIGHT):
            self._landed = Event()
            self._landed.wait()
        self._kind = kind
        self._flying += kind is not None

    def land(self) -> None:
        """One of those in flight has its answer."""
        self._flying -= 1
        landed, self._landed = self._landed, None
        if landed is not None:
            landed.send()

    def _work(self) -> None:
        try:
            while self._waiting:
                was_full = self.full
                self._waiting.popleft()()
                if was_full and not self.full:
                    self._rest()
        finally:
            self._works = False
