"""Who is connected here, and so which channels this process needs: the private ones of these people, and their rooms'."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from chatx.services.live.channels import Channels
from chatx.services.live.news import room_channel, user_channel


@dataclass(slots=True)
class Attendee:
    """A person with connections here, and the rooms whose channels are wanted for them."""

    connections: int = 0
    rooms: set[str] = field(default_factory=set)
    settled: bool = False


class Attendance:
    """enter and leave with each connection; joined and parted with each room that is added or removed meanwhile."""

    def __init__(self, channels: Channels, rooms_of: Callable[[str], Iterable[str]]) -> None:
        self._channels, self._rooms_of = channels, rooms_of
        self._here: dict[str, Attendee] = {}

    def enter(self, user_id: str) -> None:
        """Returns when all that they may hear is heard here. The private channel comes first: it tells of new rooms."""
        attendee = self._here.setdefault(user_id, Attendee())
        attendee.connections += 1
        if attendee.settled:
            return
        try:
            self._channels.want([user_channel(user_id)] if attendee.connections == 1 else [])
            self._channels.settle()
            self._want(attendee, self._rooms_of(user_id))
            self._channels.settle()
            attendee.settled = True
        except BaseException:
            self.leave(user_id)
            raise

    def leave(self, user_id: str) -> None:
        """One connection less; with the last one their channels are dropped."""
        attendee = self._here[user_id]
        attendee.connections -= 1
        if not attendee.connections:
            del self._here[user_id]
            self._channels.drop([user_channel(user_id), *map(room_channel, attendee.rooms)])

    def joined(self, user_id: str, room_id: str) -> bool:
        """Whether the room's channel is heard already; if not, what was said until `settled` may have been missed."""
        attendee = self._here.get(user_id)
        return attendee is None or self._want(attendee, [room_id])

    def parted(self, user_id: str, room_id: str) -> None:
        attendee = self._here.get(user_id)
        if attendee is not None and room_id in attendee.rooms:
            attendee.rooms.remove(room_id)
            self._channels.drop([room_channel(room_id)])

    def _want(self, attendee: Attendee, room_ids: Iterable[str]) -> bool:
        new = set(room_ids) - attendee.rooms
        attendee.rooms |= new
        return self._channels.want(map(room_channel, new))
