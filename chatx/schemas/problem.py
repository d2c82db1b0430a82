"""The error object, for both contracts; `ChatError.problem` fills it."""

from marshmallow import fields

from chatx.schemas.base import Out
from chatx.schemas.values import Whole


class Problem(Out):
    """RFC 9457, the same in a REST answer and in a socket ack."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    code = fields.String()
    detail = fields.String()
    retryable = fields.Boolean()
    request_id = fields.String()
    fields_ = fields.Dict(data_key="fields", metadata={"optional": True})
    retry_after = Whole(metadata={"optional": True, "description": "seconds"})
