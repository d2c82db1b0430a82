"""Members of rooms, and what is heard of them."""

from marshmallow import fields, validate

from chatx.schemas.base import Cursor, Out, PageIn
from chatx.schemas.change import RoomChange
from chatx.schemas.room import RoomIn
from chatx.schemas.values import Id, Ids, Seq, Time

ROLES = ("owner", "admin", "member")


class MembersIn(PageIn):
    room_id = Id(required=True)
    cursor = Cursor(Id())


class MemberOut(Out):
    user_id = Id()
    role = fields.String(validate=validate.OneOf(ROLES))
    joined_at = Time()
    delivered_seq = Seq()
    read_seq = Seq()
    user = fields.Nested("UserOut")


class MemberListOut(Out):
    items = fields.List(fields.Nested(MemberOut))
    next = Cursor(Id(), allow_none=True)


class AddMembersIn(RoomIn):
    user_ids = Ids(most="room_members", least=1, required=True)


class AddedOut(Out):
    """What became of one person: `status` is added, already_member, not_found, or refused, since they do not want it."""

    user_id = Id()
    status = fields.String(validate=validate.OneOf(("added", "already_member", "not_found", "refused")))


class AddedListOut(Out):
    items = fields.List(fields.Nested(AddedOut))


class MemberIn(RoomIn):
    user_id = Id(required=True)


class RoleIn(MemberIn):
    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class MemberChange(RoomChange):
    """Who it is about, their role, and how many are in the room after it."""

    user_id = Id()
    role = fields.String(validate=validate.OneOf(ROLES))
    member_count = fields.Integer()


class MemberJoined(MemberChange):
    """Someone was added to a group."""

    event = "member:joined"
    welcomes = True


class MemberLeft(MemberChange):
    """Someone left a group, or was removed."""

    event = "member:left"


class MemberUpdated(MemberChange):
    """Someone's role changed."""

    event = "member:updated"
