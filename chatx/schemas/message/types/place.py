"""Places, as messages of several types name them."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from chatx.schemas.base import In, Out
from chatx.schemas.values import Number, Words

LATITUDES, LONGITUDES = (-90, 90), (-180, 180)


class PointIn(In):
    latitude = Number(*LATITUDES, required=True, metadata={"description": "degrees north"})
    longitude = Number(*LONGITUDES, required=True, metadata={"description": "degrees east"})


class PointOut(Out):
    latitude = fields.Float(validate=validate.Range(*LATITUDES))
    longitude = fields.Float(validate=validate.Range(*LONGITUDES))


class PlaceIn(PointIn):
    name = Words(most="place_name_characters", least=1, allow_none=True, load_default=None)
    address = Words(most="place_address_characters", least=1, allow_none=True, load_default=None)


class PlaceOut(PointOut):
    name = fields.String(allow_none=True)
    address = fields.String(allow_none=True)


def called(place: Mapping[str, Any]) -> str:
    """How people would call it: by its name, its address, or where it is."""
    return place["name"] or place["address"] or f"{place['latitude']:.5f}, {place['longitude']:.5f}"
