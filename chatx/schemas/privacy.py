"""What people tell others about themselves, and what is heard when they change it."""

from marshmallow import fields

from chatx.schemas.base import In, Out
from chatx.schemas.change import OwnChange
from chatx.schemas.values import Flag


class PrivacyIn(In):
    read_receipts = Flag(metadata={"description": "in direct rooms; off, one does not learn either what others read"})
    link_previews = Flag(metadata={"description": "whether the server looks at the pages that links in your messages lead to"})


class PrivacyOut(Out):
    read_receipts = fields.Boolean()
    link_previews = fields.Boolean()


class PrivacyUpdated(OwnChange):
    """What you tell others about yourself changed."""

    event = "privacy:updated"
    privacy = fields.Nested(PrivacyOut)
