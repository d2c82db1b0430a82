"""Exports of chats."""

from chatx.api.blueprint import Blueprint
from chatx.schemas.export.file import ExportFileOut

exports = Blueprint("exports", guard="device", description="Chats as files")
exports.asks("POST", "/rooms/<uuid:room_id>/exports", "export:create", status=202)
exports.asks("GET", "/exports", "export:list")
exports.asks("GET", "/exports/<uuid:export_id>", "export:get")
exports.asks("DELETE", "/exports/<uuid:export_id>", "export:remove")
exports.streams(
    "/exports/<uuid:export_id>/file", "export:read", {"text/plain": {"type": "string"}, "application/json": ExportFileOut}
)
