"""What stands in the place of a message that can be opened once."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from chatx.schemas.base import Nothing, Out
from chatx.schemas.message.types.base import MessageType


class ViewOnceDataOut(Out):
    """`view_once`: a message that can be opened once, and which type it is of."""

    of = fields.String()


class ViewOnce(MessageType):
    name = "view_once"
    takes, gives = Nothing(), ViewOnceDataOut()
    sendable = False

    @staticmethod
    def fallback(data: Mapping[str, Any]) -> str:
        return "Message to open once"
