"""Rooms, their members, and what is heard of them."""

from typing import Any

from marshmallow import fields, validate

from chatx.schemas.base import Cursor, In, Out, PageIn, Repeatable
from chatx.schemas.change import OwnChange, RoomChange
from chatx.schemas.values import ClientId, Flag, Id, Ids, Seq, SeqRange, Time, Words
from config import LIMITS

WHO = ("members", "admins")
DAY = 86_400
LASTING = (DAY, 7 * DAY, 90 * DAY)


class Lasts(validate.OneOf):
    """One of the times for which messages may last; the error names the longest."""

    def __init__(self) -> None:
        super().__init__(LASTING)

    def _format_error(self, value: Any) -> str:
        return f"Neither null nor one of {self.choices_text}; at most expire_seconds: {LIMITS['expire_seconds']}."


class SettingsIn(In):
    """Only those that you send are changed."""

    pin = fields.String(validate=validate.OneOf(WHO), metadata={"description": "who may pin messages"})
    expire_seconds = fields.Integer(
        strict=True, allow_none=True, validate=Lasts(), metadata={"description": "how long new messages last; null: for ever"}
    )


class SettingsOut(Out):
    """What a group leaves to its admins and owners; in a direct room both may do all of it. And how long messages last."""

    pin = fields.String(validate=validate.OneOf(WHO), dump_default="members")
    expire_seconds = fields.Integer(allow_none=True, dump_default=None)


class RoomState(Out):
    """What every member sees alike; the parts that differ from person to person are in Room."""

    id = Id()
    kind = fields.String(validate=validate.OneOf(("direct", "group")))
    title = fields.String(allow_none=True)
    description = fields.String()
    avatar = Id(allow_none=True)
    created_at = Time()
    created_by = Id()
    seq = Seq()
    member_count = fields.Integer()
    settings = fields.Nested(SettingsOut)


class StayOut(Out):
    """The caller's own part of a room."""

    role = fields.String(attribute="stay.role", validate=validate.OneOf(("owner", "admin", "member")))
    joined_seq = Seq(attribute="stay.joined_seq")
    delivered_seq = Seq(attribute="stay.delivered_seq")
    read_seq = Seq(attribute="stay.read_seq")
    unread = fields.Integer()
    mentions = fields.Integer()
    muted_until = Time(attribute="stay.muted_until", allow_none=True)
    everyone_muted_until = Time(
        attribute="stay.everyone_muted_until",
        allow_none=True,
        metadata={"description": "what mentions everyone and was said before is none of your `mentions`"},
    )
    pinned = fields.Boolean(attribute="stay.pinned")
    archived = fields.Boolean(attribute="stay.archived")
    marked_unread = fields.Boolean(attribute="stay.marked_unread")
    locked = fields.Boolean(attribute="stay.locked", metadata={"description": "shown only to who unlocks it on the device"})
    favourite = fields.Boolean(attribute="stay.favourite")
    custom_name = fields.String(attribute="stay.custom_name", allow_none=True)
    draft = fields.String(attribute="stay.draft", allow_none=True)
    draft_reply_to_seq = Seq(attribute="stay.draft_reply_to_seq", allow_none=True)
    hidden = fields.List(SeqRange(), metadata={"description": "what you have deleted for yourself, by seq: do not show it"})


class RoomOut(Out):
    """A room as the caller sees it."""

    id = Id(attribute="room.id")
    kind = fields.String(attribute="room.kind", validate=validate.OneOf(("direct", "group")))
    title = fields.String(attribute="room.title", allow_none=True)
    description = fields.String(attribute="room.description")
    avatar = Id(attribute="room.avatar", allow_none=True)
    created_at = Time(attribute="room.created_at")
    created_by = Id(attribute="room.created_by")
    seq = Seq()
    member_count = fields.Integer(attribute="room.member_count")
    settings = fields.Nested(SettingsOut)
    peer = fields.Nested("UserOut", allow_none=True)
    me = fields.Nested(StayOut, dump_default=None)
    last_message = fields.Nested("MessageOut", allow_none=True)


class CreatedRoomOut(RoomOut, Repeatable):
    """The group that a call made, now or the first time."""


class RoomIn(In):
    room_id = Id(required=True)


class RoomIdsIn(In):
    room_ids = Ids(most="rooms", required=True)


class CreateRoomIn(In):
    title = Words(most="room_title_characters", least=1, required=True)
    member_ids = Ids(most="room_members", load_default=list)
    client_id = ClientId(load_default=None)


class DirectRoomIn(In):
    user_id = Id(required=True)


class RoomsIn(PageIn):
    archived = Flag(load_default=None)
    cursor = Cursor(Time(), Id())


class RoomListOut(Out):
    items = fields.List(fields.Nested(RoomOut))
    next = Cursor(Time(), Id(), allow_none=True)


class UnreadOut(Out):
    """What a badge shows, over all rooms but those that are muted now or archived; locked ones count like any other."""

    rooms = fields.Integer(metadata={"description": "rooms with something unread, or marked unread"})
    messages = fields.Integer(metadata={"description": "unread messages, as `me.unread` counts them"})
    mentions = fields.Integer(metadata={"description": "those of them that mention the caller"})


class UpdateRoomIn(RoomIn):
    title = Words(most="room_title_characters", least=1)
    description = Words(most="room_description_characters")
    avatar = Id(allow_none=True, validate=validate.Equal(None, error="Media cannot be uploaded yet: only null."))
    settings = fields.Nested(SettingsIn)


class StayIn(RoomIn):
    muted_until = Time(allow_none=True)
    everyone_muted_until = Time(allow_none=True)
    pinned = Flag()
    archived = Flag()
    marked_unread = Flag()
    locked = Flag()
    favourite = Flag()
    custom_name = Words(most="custom_name_characters", least=1, allow_none=True)
    draft = Words(most="draft_characters", trim=False, allow_none=True)
    draft_reply_to_seq = Seq(low=1, allow_none=True)


class RoomCreated(RoomChange):
    """A room began, with its first members."""

    event = "room:created"
    welcomes = True
    room = fields.Nested(RoomState)


class RoomUpdated(RoomChange):
    """A room's title, description, picture or settings changed."""

    event = "room:updated"
    room = fields.Nested(RoomState)


class RoomAdded(OwnChange):
    """You are in this room from now on; null when replayed to someone who has left it since."""

    event = "room:added"
    room = fields.Nested(RoomOut, allow_none=True)


class RoomRemoved(OwnChange):
    """You are no longer in this room."""

    event = "room:removed"
    room_id = Id()


class RoomMe(OwnChange):
    """Your own part of a room changed; null when replayed to someone who has left it since."""

    event = "room:me"
    room_id = Id()
    me = fields.Nested(StayOut, allow_none=True)
