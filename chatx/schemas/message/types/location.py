"""A place that somebody shows."""

from collections.abc import Mapping
from typing import Any

from chatx.schemas.message.types.base import MessageType
from chatx.schemas.message.types.place import PlaceIn, PlaceOut, called


class LocationDataIn(PlaceIn):
    """`location`: a place."""


class LocationDataOut(PlaceOut):
    """`location`: a place."""


class Location(MessageType):
    name = "location"
    takes, gives = LocationDataIn(), LocationDataOut()
    captioned = True

    @staticmethod
    def fallback(data: Mapping[str, Any]) -> str:
        return f"Location: {called(data)}"
