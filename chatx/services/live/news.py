"""What processes tell each other: one event and who hears it, a device to close, or that something was missed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

# Every process listens here, always.
EVERYBODY = "chatx:all"


def room_channel(room_id: str) -> str:
    """Where the changes and signals of a room travel."""
    return f"chatx:room:{room_id}"


def user_channel(user_id: str) -> str:
    """Where a person's private feed travels, and what concerns their devices."""
    return f"chatx:user:{user_id}"


@dataclass(frozen=True, slots=True)
class Frame:
    """One event: its data as JSON, the feed that it belongs to, its place there, and who hears it.

    channel: of its feed; seq: 0 where it is volatile. version, members: the room's members_version and who they are;
    changed: they changed just now, so they travel with it. newcomers: who of them may be where the room is not heard yet.
    but: the one of them who does not hear. subject: what it is about, by id.
    forms: other data for some of them, who may not see all of what it is about.
    """

    event: str
    channel: str
    members: Sequence[str]
    data: bytes
    seq: int = 0
    version: int = 0
    changed: bool = False
    newcomers: Sequence[str] = ()
    but: str = ""
    subject: str = ""
    forms: Sequence[tuple[Sequence[str], bytes]] = ()

    @property
    def feed_id(self) -> str:
        """Of the room or the person that it belongs to."""
        return self.channel.rpartition(":")[2]

    @property
    def channels(self) -> list[str]:
        """Where it is published; who hears it on two of them tells it by its seq."""
        return [self.channel, *map(user_channel, self.newcomers)]

    @property
    def audience(self) -> Sequence[str]:
        """User ids that hear it."""
        if not self.but:
            return self.members
        return [user_id for user_id in self.members if user_id != self.but]

    @property
    def copies(self) -> list[tuple[Sequence[str], bytes]]:
        """User ids that hear it, with the data that they get."""
        if not self.forms:
            return [(self.audience, self.data)]
        others = {user_id: data for people, data in self.forms for user_id in people}
        copies: dict[bytes, list[str]] = {}
        for user_id in self.audience:
            copies.setdefault(others.get(user_id, self.data), []).append(user_id)
        return [(people, data) for data, people in copies.items()]

    def encode(self) -> bytes:
        """As it travels: a line of JSON about it, and its data untouched, in all its forms."""
        head = {
            "event": self.event,
            "channel": self.channel,
            "seq": self.seq,
            "version": self.version,
            "but": self.but,
            "subject": self.subject,
            "changed": self.changed,
            "members": self.members if self.changed else (),
        }
        if self.forms:
            head["forms"] = [people for people, _ in self.forms]
        return b"\n".join([orjson.dumps(head), self.data, *(data for _, data in self.forms)])


@dataclass(frozen=True, slots=True)
class Close:
    """A device was signed out: its connections end."""

    user_id: str
    device_id: str

    @property
    def channels(self) -> list[str]:
        return [user_channel(self.user_id)]

    def encode(self) -> bytes:
        return orjson.dumps({"close": [self.user_id, self.device_id]})


@dataclass(frozen=True, slots=True)
class Missed:
    """Some process could not tell everything."""

    channels = (EVERYBODY,)

    def encode(self) -> bytes:
        return orjson.dumps({"missed": True})


News = Frame | Close | Missed


def decode(heard: bytes) -> News:
    """What was encoded; the members of a room's frame are empty where they did not travel with it."""
    line, _, data = heard.partition(b"\n")
    head = orjson.loads(line)
    if "close" in head:
        return Close(*head["close"])
    if "missed" in head:
        return Missed()
    people = head.pop("forms", ())
    data, *forms = data.rsplit(b"\n", len(people))
    frame = Frame(data=data, forms=tuple(zip(people, forms, strict=True)), **head)
    own = user_channel("")
    # A private feed names its one listener.
    return replace(frame, members=(frame.channel.removeprefix(own),)) if frame.channel.startswith(own) else frame
