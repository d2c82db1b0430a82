"""Exports of chats: what is asked for, and what is told about them. The files themselves are in `file`."""

from marshmallow import fields, validate

from chatx.schemas.base import Cursor, In, Out, Repeatable
from chatx.schemas.change import OwnChange
from chatx.schemas.export.file import FORMATS
from chatx.schemas.values import ClientId, Id, Seq, Time, Whole


class ExportIn(In):
    export_id = Id(required=True)


class CreateExportIn(In):
    room_id = Id(required=True)
    format = fields.String(validate=validate.OneOf(list(FORMATS)), load_default="text")
    client_id = ClientId(load_default=None)


class ReadExportIn(ExportIn):
    cursor = Cursor(Seq(), Whole(), metadata={"description": "where the piece before ended"})


class ExportOut(Out):
    """A part of a chat, up to the moment when it was asked for; its file is read when it is fetched."""

    id = Id()
    room_id = Id()
    format = fields.String(validate=validate.OneOf(list(FORMATS)))
    state = fields.String(validate=validate.OneOf(("running", "ready")))
    progress = fields.Integer(metadata={"description": "in percent, in steps of ten"})
    messages = fields.Integer(
        attribute="found.messages", allow_none=True, dump_default=None, metadata={"description": "in it; null until it is ready"}
    )
    bytes = fields.Integer(
        attribute="found.bytes",
        allow_none=True,
        dump_default=None,
        metadata={"description": "of it when it became ready, or null"},
    )
    created_at = Time()
    expires_at = Time()


class CreatedExportOut(ExportOut, Repeatable):
    """The export that a call began, now or the first time."""


class ExportListOut(Out):
    items = fields.List(fields.Nested(ExportOut))
    next = fields.String(allow_none=True)


class ExportPieceOut(Out):
    """A piece of the file; all of them, one after the other, are it."""

    text = fields.String()
    name = fields.String(metadata={"description": "of the file"})
    media_type = fields.String()
    next = Cursor(Seq(), Whole(), allow_none=True)


class ExportsUpdated(OwnChange):
    """You asked for an export, it came further, or it is gone (`export` is null then)."""

    event = "exports:updated"
    export_id = Id()
    export = fields.Nested(ExportOut, allow_none=True)
