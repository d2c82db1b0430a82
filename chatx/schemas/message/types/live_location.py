"""Where somebody is, for a while."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from chatx.schemas.message.types.base import MessageType
from chatx.schemas.message.types.place import PointIn, PointOut
from chatx.schemas.values import Number, Time
from config import LIMITS

MOST_METRES = 100_000
SECONDS = (900, 3_600, LIMITS["live_location_seconds"])


class PositionIn(PointIn):
    accuracy = Number(0, MOST_METRES, allow_none=True, load_default=None, metadata={"description": "metres"})
    heading = Number(0, 360, allow_none=True, load_default=None, metadata={"description": "degrees from north"})


class PositionOut(PointOut):
    """Where somebody was at `moved_at`."""

    accuracy = fields.Float(allow_none=True)
    heading = fields.Float(allow_none=True)
    moved_at = Time()


class LiveLocationDataIn(PositionIn):
    """`live_location`: where its sender is now, and for how long they show it."""

    seconds = fields.Integer(strict=True, required=True, validate=validate.OneOf(SECONDS))


class LiveLocationDataOut(PositionOut):
    """`live_location`: where its sender is, or was when it ended."""

    ends_at = Time()
    stopped_at = Time(allow_none=True)


class LiveLocation(MessageType):
    name = "live_location"
    takes, gives = LiveLocationDataIn(), LiveLocationDataOut()
    captioned = True

    @staticmethod
    def fallback(data: Mapping[str, Any]) -> str:
        return "Live location" if data["stopped_at"] is None else "Live location (ended)"
