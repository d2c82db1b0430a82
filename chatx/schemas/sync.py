"""Sync, and what clients may know of the server."""

from typing import Any

from marshmallow import fields, validate

from chatx.schemas.base import In, Out
from chatx.schemas.change import AnyChange
from chatx.schemas.own_settings import OwnSettingsOut
from chatx.schemas.values import CANONICAL_ID, Id, Seq, Shape, Whole
from config import LIMITS


class FeedName(fields.String):
    """A room id, or `me` for the private feed."""

    def __init__(self, **kwargs: object) -> None:
        either = Shape(f"me|{CANONICAL_ID.pattern}", error="Neither a room id nor me.")
        super().__init__(validate=either, **kwargs)  # type: ignore[arg-type]


class Marks(fields.Dict):
    """How far members are: {room id: {user id: [delivered_seq, read_seq]}}, hundreds of them, which are JSON as they come."""

    def __init__(self) -> None:
        super().__init__(keys=Id(), values=fields.Dict(keys=Id(), values=fields.List(Seq())))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


class SyncIn(In):
    """The last seq applied of each feed; none of them for a client that begins."""

    cursors = fields.Dict(
        keys=FeedName(),
        values=Seq(),
        load_default=dict,
        validate=validate.Length(max=LIMITS["rooms"] + 1, error=f"More than rooms: {LIMITS['rooms']}."),
    )
    limit = Whole(low=1, high=LIMITS["sync_changes"], load_default=500)


class SyncOut(Out):
    changes = fields.List(AnyChange())
    cursors = fields.Dict(keys=FeedName(), values=Seq())
    rooms = fields.List(fields.Nested("RoomOut"))
    marks = Marks()
    reset = fields.List(FeedName())
    gone = fields.List(Id())
    has_more = fields.Boolean()


class TrimIn(In):
    days = Whole(low=0, high=36_500, required=True)


class ConfigOut(Out):
    api_level = fields.Integer()
    features = fields.List(fields.String())
    limits = fields.Dict(keys=fields.String(), values=fields.Integer())
    settings = fields.Nested(OwnSettingsOut, metadata={"description": "those of people who have not chosen"})
    registration = fields.String(validate=validate.OneOf(("open", "invite", "closed")))
