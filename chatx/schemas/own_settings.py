"""What people choose for themselves, and what is heard when they change it."""

from marshmallow import fields

from chatx.schemas.base import In, Out
from chatx.schemas.change import OwnChange
from chatx.schemas.values import Flag

KEEP_ARCHIVED = {"description": "archived rooms stay archived when something is said there; else they come back"}


class OwnSettingsIn(In):
    """Only those that you send are changed."""

    keep_archived = Flag(metadata=KEEP_ARCHIVED)


class OwnSettingsOut(Out):
    keep_archived = fields.Boolean(metadata=KEEP_ARCHIVED)


class SettingsUpdated(OwnChange):
    """What you chose for yourself changed."""

    event = "settings:updated"
    settings = fields.Nested(OwnSettingsOut)
