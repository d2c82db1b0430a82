"""Replay: the changes of feeds read again by seq, filled from the present, so that nothing since deleted comes back."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import and_, select

from chatx.extensions import db
from chatx.models.any_of import AnyOf
from chatx.models.block import Block
from chatx.models.device import Device
from chatx.models.export import Export
from chatx.models.feed import Change, Occurrence, about_message
from chatx.models.membership import Membership
from chatx.models.message import Message, Place
from chatx.models.reaction import Reaction
from chatx.models.reminder import Key, Reminder, subject_of
from chatx.models.room import Room
from chatx.models.room_view import RoomView, views
from chatx.models.scheduled import Scheduled
from chatx.models.sight import Sight
from chatx.models.user import Contact, User

Range = tuple[str, int, int]  # (feed id, after, up to)

# What a person keeps about others, by the event that tells of it.
_KEPT: dict[str, type[Contact] | type[Block]] = {"contacts:updated": Contact, "blocks:updated": Block}


# The changes about one message, which is read again for all of them: their subject is its seq.
ABOUT_A_MESSAGE = (
    "message:edited",
    "message:deleted",
    "message:previewed",
    "message:pinned",
    "message:unpinned",
    "message:kept",
    "message:unkept",
    "reaction:changed",
    "poll:changed",
    "event:changed",
    "event:reminder",
    "live_location:stopped",
)


class Replay:
    """What one person may hear again of their rooms and their private feed, in a few queries for many ranges."""

    def __init__(self, user: User, stays: dict[str, tuple[Room, Membership]]) -> None:
        self.user = user
        self.stays = stays

    def of(self, ranges: Sequence[Range]) -> list[Occurrence]:
        """The changes of these ranges, ascending within each feed."""
        rows, said = _changes.rows(ranges), Message.ranges(ranges)
        self._look_up(rows)
        sight = Sight(self.stays[feed][1] for feed, *_ in ranges if feed in self.stays)
        about = {_place(row) for row in rows if row.type in ABOUT_A_MESSAGE}
        self.messages = sight.show([*said, *Message.at_all(about)], self._unreacted(ranges, rows, said))
        told = [self._told(row) for row in rows] + [self._said(message) for message in said]
        return sorted(told, key=lambda each: (each.feed, each.seq))

    def _look_up(self, rows: Sequence[Change]) -> None:
        """All that the changes are about, kind by kind, but the messages."""
        rooms = _subjects(rows, "room:added", "room:me") & self.stays.keys()
        self.views = {seen.room.id: seen for seen in views(self.user.id, [self.stays[room_id] for room_id in rooms])}
        devices = _subjects(rows, "device:added")
        self.devices = {device.id: device for device in _rows(Device, Device.id.in_(devices))} if devices else {}
        self.emojis = Reaction.emojis(self.user.id, (_reactor(row) for row in rows if row.type == "reaction:changed"))
        self.reminders = self._reminders_now(_subjects(rows, "reminders:updated"))
        self.scheduled = Scheduled.of_all(self.user.id, _subjects(rows, "scheduled:updated"))
        self.exports = Export.by_ids(_subjects(rows, "exports:updated"))
        self.people = User.by_ids(_subjects(rows, *_KEPT))
        self.kept = {event: self._kept_now(kind, _subjects(rows, event)) for event, kind in _KEPT.items()}

    def _unreacted(self, ranges: Sequence[Range], rows: Sequence[Any], said: Sequence[Message]) -> set[Place]:
        """What nobody has reacted to: a reaction is a later change, and those are all there where a range ends its room."""
        whole = {feed for feed, _, up_to in ranges if feed in self.stays and self.stays[feed][0].seq == up_to}
        reacted = {_place(row) for row in rows if row.type == "reaction:changed"}
        return {message.place for message in said if message.room_id in whole} - reacted

    def _told(self, row: Change) -> Occurrence:
        feed = "me" if row.feed_id == self.user.id else row.feed_id
        if row.type in ABOUT_A_MESSAGE:
            more = {"emoji": self.emojis.get(_reactor(row))} if row.type == "reaction:changed" else {}
            body = about_message(self.messages.get(_place(row)), row.data | more)
        else:
            body = {**row.data, **_FILLERS.get(row.type, _nothing)(self, row)}
        return Occurrence(feed, row.seq, row.type, row.at, row.actor_id, body=body)

    def _said(self, message: Message) -> Occurrence:
        body = about_message(self.messages.get(message.place), {})
        return Occurrence(message.room_id, message.seq, "message:created", message.created_at, message.sender_id, body=body)

    def _room(self, row: Change) -> dict[str, Any]:
        return {"room": self.stays[row.feed_id][0]}

    def _view(self, row: Change) -> dict[str, RoomView | None]:
        return {"room" if row.type == "room:added" else "me": self.views.get(row.subject or "")}

    def _mine(self, row: Change) -> dict[str, Any]:
        kept = self.kept[row.type].get(row.subject or "")
        return {_KEPT[row.type].name_of_one: kept and kept.beside(self.people[kept.user_id])}

    def _scheduled(self, row: Change) -> dict[str, Any]:
        scheduled = self.scheduled.get(row.subject or "")
        return {"scheduled": scheduled and scheduled.shown}

    def _kept_now(self, kind: type[Contact] | type[Block], people: set[str]) -> dict[str, Any]:
        """What this person keeps about these people now, by person."""
        mine = _rows(kind, and_(kind.owner_id == self.user.id, kind.user_id.in_(people))) if people else []
        return {each.user_id: each for each in mine}

    def _reminders_now(self, subjects: set[str]) -> dict[str, Reminder]:
        """This person's reminders of these messages that stand now, by the message."""
        places = (subject.split(":") for subject in subjects)
        keys: list[Key] = [(self.user.id, room_id, int(seq)) for room_id, seq in places]
        return {subject_of(room_id, seq): each for (_, room_id, seq), each in Reminder.of_all(keys).items()} if keys else {}


def _nothing(replay: Replay, row: Change) -> dict[str, Any]:
    return {}


_FILLERS: dict[str, Callable[[Replay, Change], dict[str, Any]]] = {
    "room:created": Replay._room,
    "room:updated": Replay._room,
    "room:added": Replay._view,
    "room:me": Replay._view,
    "contacts:updated": Replay._mine,
    "blocks:updated": Replay._mine,
    "privacy:updated": lambda replay, row: {"privacy": replay.user},
    "settings:updated": lambda replay, row: {"settings": replay.user},
    "scheduled:updated": Replay._scheduled,
    "profile:updated": lambda replay, row: {"user": replay.user},
    "reminders:updated": lambda replay, row: {"reminder": replay.reminders.get(row.subject or "")},
    "exports:updated": lambda replay, row: {"export": replay.exports.get(row.subject or "")},
    "device:added": lambda replay, row: {"device": replay.devices[row.subject or ""]},
}


def _place(row: Change) -> Place:
    return row.feed_id, int(row.subject or 0)


def _reactor(row: Change) -> tuple[str, int, str]:
    """Whose reaction to which message changed."""
    return (*_place(row), row.actor_id or "")


# Rows with the names of a Change, without the weight of one.
_changes = AnyOf(
    select(Change.feed_id, Change.seq, Change.type, Change.subject, Change.actor_id, Change.at, Change.data).where,
    lambda feed, after, up_to: and_(Change.feed_id == feed, Change.seq > after, Change.seq <= up_to),
)


def _rows(table: Any, condition: Any) -> list[Any]:
    return list(db.session.scalars(select(table).where(condition)))


def _subjects(rows: Sequence[Change], *types: str) -> set[str]:
    return {row.subject for row in rows if row.type in types and row.subject}
