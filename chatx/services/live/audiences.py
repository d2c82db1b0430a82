"""Who hears a frame of a room: known by the room and its members_version, which rises with every change of its members."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
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
    """`fill` names the members of a frame that travelled without them; `look_up` asks the database for those of a room."""

    def __init__(self, look_up: Callable[[str], Members]) -> None:
        self._look_up = look_up
        self._known: OrderedDict[str, tuple[int, Sequence[str]]] = OrderedDict()

    def fill(self, frame: Frame) -> Frame:
        """The frame with its members at its commit; for what is volatile, those of now."""
        if frame.changed:
            self._keep(frame.channel, frame.version, frame.members)
        if frame.members:
            return frame
        version, members = self._known.get(frame.channel, (-1, ()))
        if version == frame.version:
            self._known.move_to_end(frame.channel)
            return replace(frame, members=members)
        found = self._look_up(frame.channel.removeprefix(room_channel("")))
        self._keep(frame.channel, found.version, found.now)
        as_of_now = found.version == frame.version or not frame.seq
        return replace(frame, members=found.now if as_of_now else found.at(frame.seq))

    def _keep(self, channel: str, version: int, members: Sequence[str]) -> None:
        if version > self._known.get(channel, (-1, ()))[0]:
            self._known[channel] = (version, members)
            if len(self._known) > ROOMS_KEPT:
                self._known.popitem(last=False)
