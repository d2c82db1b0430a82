"""People and contacts."""

from marshmallow import fields, validate

from chatx.schemas.base import Cursor, In, Out, PageIn
from chatx.schemas.change import OwnChange
from chatx.schemas.session import Username
from chatx.schemas.values import Id, Time, Words


class UserOut(Out):
    """A person as the caller may see them; what privacy hides is null."""

    id = Id()
    username = fields.String()
    display_name = fields.String()
    about = fields.String(allow_none=True)
    avatar = Id(allow_none=True)
    last_seen_at = Time(allow_none=True, dump_default=None)
    online = fields.Boolean(allow_none=True, dump_default=None)


class UserIn(In):
    user_id = Id(required=True)


class ProfileIn(In):
    display_name = Words(most="display_name_characters", least=1)
    about = Words(most="about_characters")
    avatar = Id(allow_none=True, validate=validate.Equal(None, error="Media cannot be uploaded yet: only null."))


class FindUsersIn(PageIn):
    username = fields.String(required=True, metadata={"description": "an exact user name; a prefix among own contacts"})


class UserListOut(Out):
    items = fields.List(fields.Nested(UserOut))
    next = fields.String(allow_none=True)


class ContactIn(In):
    user_id = Id(required=True)
    name = Words(most="display_name_characters", least=1, allow_none=True, load_default=None)


class ContactsIn(PageIn):
    cursor = Cursor(Username())


class ContactOut(Out):
    user_id = Id()
    name = fields.String(allow_none=True)
    created_at = Time()
    user = fields.Nested(UserOut)


class ContactListOut(Out):
    items = fields.List(fields.Nested(ContactOut))
    next = Cursor(Username(), allow_none=True)


class ProfileUpdated(OwnChange):
    """Your own profile changed."""

    event = "profile:updated"
    user = fields.Nested(UserOut)


class ContactsUpdated(OwnChange):
    """A contact was kept, renamed, or let go (`contact` is null then)."""

    event = "contacts:updated"
    user_id = Id()
    contact = fields.Nested(ContactOut, allow_none=True)
