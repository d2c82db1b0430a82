"""Live delivery: what was committed travels once, already encoded, to every process that needs it, and from there to its sockets.

Hints only: a frame that is lost on the way is found again by `sync`, so publishing never blocks or fails a committed call.
"""

import logging
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson
from flask import Flask

from chatx.errors import ChatError
from chatx.extensions import background, redis
from chatx.services.live.attendance import Attendance
from chatx.services.live.audiences import Audiences, Members
from chatx.services.live.backlog import Backlog
from chatx.services.live.channels import Channels
from chatx.services.live.news import Close, Frame, News, decode
from chatx.services.live.outbox import Outbox
from chatx.services.live.sequence import InOrder

__all__ = ["Close", "Frame", "Listener", "Live", "LookUp", "live"]

LARGEST_HEARING = 500
# Beyond it the oldest are forgotten here and found by sync: memory is bounded also while the database hangs.
LONGEST_INBOX = 50_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Begun:
    """From here on this channel is heard."""

    channel: str


class Listener:
    """What a process does with what it hears; `sockets/` is the one that listens."""

    def deliver(self, frame: Frame) -> None:
        """Copy the frame to the connections of its audience."""

    def close(self, device_id: str) -> None:
        """Close the connections of a device that was signed out."""

    def hint(self, user_id: str | None = None) -> None:
        """Tell the connections of this person, or all, that they may have missed something."""


class LookUp(Protocol):
    """What only the database knows, asked when a person or a room is new to this process."""

    def rooms_of(self, user_id: str) -> Iterable[str]: ...
    def members_of(self, room_ids: Collection[str]) -> Mapping[str, Members]: ...


class Live:
    """publish and sign_out after a commit; `listen` once at the start of a process; enter and leave with each connection."""

    _outbox: Outbox | None
    _attendance: Attendance | None

    def init_app(self, app: Flask) -> None:
        self._outbox = Outbox(redis.client, self._hear) if redis.client else None
        self._attendance = None
        self.listen_here(Listener())

    def listen_here(self, listener: Listener) -> None:
        """Deliver what this process publishes to this listener, feed by feed in order."""
        self._listener = listener
        self._in_order = InOrder(self._deliver)

    def listen(self, listener: Listener, look_up: LookUp) -> None:
        """Deliver to this listener from now on; with Redis, also what other processes publish."""
        self.listen_here(listener)
        if redis.ear is not None:
            self._look_up, self._audiences = look_up, Audiences(look_up.members_of)
            self._inbox: Backlog[bytes | Begun] = Backlog(
                self._hear_from_afar, listener.hint, batch=LARGEST_HEARING, longest=LONGEST_INBOX
            )
            self._channels = Channels(redis.ear, self._inbox.put, self._begin_to_hear, listener.hint)
            self._attendance = Attendance(self._channels, look_up.rooms_of)
            background.spawn(self._channels.follow)

    def publish(self, frames: Sequence[Frame]) -> None:
        """Send committed events; a frame for nobody goes nowhere."""
        for frame in frames:
            if frame.members:
                self._send(frame)

    @property
    def waiting(self) -> int:
        """How much was committed and is not published yet."""
        return 0 if self._outbox is None else self._outbox.waiting

    def keep_up(self) -> None:
        """Slow down a moment, before more is committed, if publishing is far behind: nobody hears live what it forgets."""
        if self._outbox is not None:
            self._outbox.keep_up()

    def settle(self, seconds: float) -> None:
        """Return once all that was committed is published, after so many seconds at the latest."""
        deadline = time.monotonic() + seconds
        while self._outbox is not None and self._outbox.works and time.monotonic() < deadline:
            time.sleep(0.01)

    def sign_out(self, devices: Iterable[tuple[str, str]]) -> None:
        """Have the connections of these (user id, device id) closed, wherever they are."""
        for user_id, device_id in devices:
            self._send(Close(user_id, device_id))

    def enter(self, user_id: str) -> None:
        """Somebody connects here; returns when all that they may hear reaches this process."""
        if self._attendance is not None:
            self._attendance.enter(user_id)

    def leave(self, user_id: str) -> None:
        """One of their connections is gone."""
        if self._attendance is not None:
            self._attendance.leave(user_id)

    def _send(self, news: News) -> None:
        if self._outbox is None:
            self._hear(news)
        else:
            self._outbox.put(news)

    def _begin_to_hear(self, channel: str) -> None:
        """Its turn comes after what was heard of the channel before."""
        self._inbox.put(Begun(channel))

    def _hear_from_afar(self, heard: Sequence[bytes | Begun]) -> None:
        """What came while the last batch of it was at work; what all of it needs of the database is asked at once."""
        news = [each if isinstance(each, Begun) else decode(each) for each in heard]
        found = self._looked_up([each for each in news if isinstance(each, Frame)])
        missed = False
        for each in news:
            if isinstance(each, Begun):
                self._in_order.forget(each.channel)
            elif not isinstance(each, Frame):
                self._hear(each)
            elif frame := self._audiences.fill(each, found):
                self._hear(frame)
            else:
                missed = True
        if missed:
            self._listener.hint()

    def _looked_up(self, frames: Sequence[Frame]) -> Mapping[str, Members]:
        try:
            return self._audiences.unknown(frames)
        except ChatError as error:
            log.warning("live: who hears it is not known", extra={"error": error.code})
            return {}

    def _hear(self, news: News) -> None:
        if isinstance(news, Frame):
            self._in_order.hear(news)
        elif isinstance(news, Close):
            self._listener.close(news.device_id)
        else:
            self._listener.hint()

    def _deliver(self, frame: Frame) -> None:
        self._listener.deliver(frame)
        if self._attendance is not None and frame.event in ("room:added", "room:removed"):
            for user_id in frame.members:
                self._follow(self._attendance, user_id, frame)

    def _follow(self, attendance: Attendance, user_id: str, frame: Frame) -> None:
        """Somebody here is in another room from now on, or in one less."""
        if frame.event == "room:removed":
            attendance.parted(user_id, frame.subject)
        elif not attendance.joined(user_id, frame.subject):
            background.spawn(self._catch_up, user_id, frame)

    def _catch_up(self, user_id: str, frame: Frame) -> None:
        """Its channel was new here: whoever entered may have missed what was said until it was heard."""
        self._channels.settle()
        try:
            room = self._look_up.members_of([frame.subject])[frame.subject]
            silent = room.seq == orjson.loads(frame.data)["room"]["seq"]
        except ChatError:
            silent = False
        if not silent:
            self._listener.hint(user_id)


live = Live()
