"""Who hears a frame of a room: known by the room and its members_version, which rises with every change of its members."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from chatx.services.live.news import Frame, room_channel

ROOMS_KEPT = 10_000


class Members(Protocol):
    """Who is in a room now, at which version and seq, and who was at some change of it."""

    @property
    def version(self) -> int: ...
    @property
    def seq(self) -> int: ...
    @property
    def now(self) -> Sequence[str]: ...
    def at(self, seq: int) -> Sequence[str]: ...


class Audiences:
    """`fill` names the members of a frame that travelled without them, from what is known here or was looked up.

    look_up: asks the database for those of some rooms, by room id.
    """

    def __init__(self, look_up: Callable[[Collection[str]], Mapping[str, Members]]) -> None:
        self._look_up = look_up
        self._known: OrderedDict[str, tuple[int, Sequence[str]]] = OrderedDict()

    def unknown(self, frames: Iterable[Frame]) -> Mapping[str, Members]:
        """What `fill` is to know of these frames, in this order, and does not: asked at once, however many rooms it is."""
        versions: dict[str, int] = {}
        rooms = set()
        for frame in frames:
            if frame.changed:
                versions[frame.channel] = max(frame.version, self._version(frame, versions))
            elif not frame.members and self._version(frame, versions) != frame.version:
                rooms.add(_room_id(frame))
        return self._look_up(rooms) if rooms else {}

    def fill(self, frame: Frame, found: Mapping[str, Members]) -> Frame | None:
        """The frame with its members at its commit; for what is volatile, those of now. None where they could not be found."""
        if frame.changed:
            self._keep(frame.channel, frame.version, frame.members)
        if frame.members:
            return frame
        version, members = self._known.get(frame.channel, (-1, ()))
        if version == frame.version:
            self._known.move_to_end(frame.channel)
            return replace(frame, members=members)
        room = found.get(_room_id(frame))
        if room is None:
            return None
        self._keep(frame.channel, room.version, room.now)
        as_of_now = room.version == frame.version or not frame.seq
        return replace(frame, members=room.now if as_of_now else room.at(frame.seq))

    def _version(self, frame: Frame, versions: Mapping[str, int]) -> int:
        known, _ = self._known.get(frame.channel, (-1, ()))
        return versions.get(frame.channel, known)

    def _keep(self, channel: str, version: int, members: Sequence[str]) -> None:
        if version > self._known.get(channel, (-1, ()))[0]:
            self._known[channel] = (version, members)
            if len(self._known) > ROOMS_KEPT:
                self._known.popitem(last=False)


def _room_id(frame: Frame) -> str:
    return frame.channel.removeprefix(room_channel(""))
