"""Content that goes on to change: what messages of some types carry, such as a poll with its votes. Each has its own file."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from chatx.models.search.tables import SearchEntry
from chatx.models.timer import Setting, Timer
from chatx.models.version import Version

if TYPE_CHECKING:
    from chatx.models.message import Message, Place
    from chatx.models.said import Said

Data = dict[str, Any]


class Content:
    """The content of one type of message. timer: the kind of the timer that messages of this type may have.

    What the message's row keeps is its `data`; what other tables know too is looked up, a page of messages at once, and
    both together are `shown`. All of it is JSON, as clients get it.
    """

    known: ClassVar[dict[str, type["Content"]]] = {}

    type: ClassVar[str]
    timer: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Content.known[cls.type] = cls

    @classmethod
    def begin(cls, given: Data, sender_id: str, now: datetime) -> Data:
        """What is kept of what the sender gave."""
        raise NotImplementedError

    @classmethod
    def due_at(cls, data: Data, now: datetime) -> datetime | None:
        """When its timer is due, if it needs one from now on."""
        raise NotImplementedError

    @classmethod
    def look_up(cls, places: Collection["Place"]) -> Mapping["Place", Any]:
        """What other tables know of these messages, in a query or two."""
        raise NotImplementedError

    @classmethod
    def show(cls, data: Data, found: Any | None) -> Data:
        """What is kept, with what was found of it."""
        raise NotImplementedError

    @classmethod
    def left(cls, message: Any) -> Data:
        """What is shown to those who hear the room no more, as long as no change was told since."""
        shown: Data = message.shown
        return shown

    @classmethod
    def keep_all(cls, said: Sequence["Said"]) -> None:
        """Write what new messages need beside their rows."""
        due = [(message.place, cls.due_at(message.data, message.created_at)) for message in said]
        Timer.set_all(Setting(cls.timer, timer_key(place), due_at) for place, due_at in due if due_at is not None)

    @classmethod
    def change(cls, message: "Message", change_seq: int, **data: Any) -> None:
        """By the change that takes this seq it becomes something else; called before what other tables know is changed."""
        Version.keep(message.place, change_seq, cls.left(message))
        message.data = {**message.data, **data}
        message.show(None)
        if data:
            SearchEntry.revise(message)

    @classmethod
    def unset_timer(cls, message: "Message") -> None:
        """Nothing is due any more."""
        Timer.cancel(cls.timer, timer_key(message.place))


def fill(messages: Iterable["Message"]) -> None:
    """Look up what messages show beside what their rows keep, type by type."""
    by_type: dict[str, list[Message]] = {}
    for message in messages:
        if message.type in Content.known:
            by_type.setdefault(message.type, []).append(message)
    for name, alike in by_type.items():
        content = Content.known[name]
        found = content.look_up([message.place for message in alike])
        for message in alike:
            message.show(content.show(message.data, found.get(message.place)))


def timer_key(place: "Place") -> str:
    return f"{place[0]}:{place[1]}"


def place_of(key: str) -> "Place":
    """The message that a timer is about."""
    room_id, _, seq = key.partition(":")
    return room_id, int(seq)
