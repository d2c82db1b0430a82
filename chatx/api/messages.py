"""Messages, search, receipts and sync."""

from chatx.api.blueprint import Blueprint

messages = Blueprint("messages", guard="device", description="Messages, finding them, how far people are, and what was missed")
messages.asks("POST", "/rooms/<uuid:room_id>/messages", "message:send", status=201)
messages.asks("GET", "/rooms/<uuid:room_id>/messages", "history")
messages.asks("PATCH", "/rooms/<uuid:room_id>/messages/<int:seq>", "message:edit")
messages.asks("GET", "/rooms/<uuid:room_id>/messages/<int:seq>/edits", "message:edits")
messages.asks("DELETE", "/rooms/<uuid:room_id>/messages/<int:seq>", "message:delete")
messages.asks("GET", "/rooms/<uuid:room_id>/messages/<int:seq>/receipts", "message:receipts")
messages.asks("POST", "/rooms/<uuid:room_id>/read", "receipt:read")
messages.asks("POST", "/receipts/delivered", "receipt:delivered")
messages.asks("POST", "/rooms/<uuid:room_id>/typing", "typing")
messages.asks("GET", "/rooms/<uuid:room_id>/media", "room:media")
messages.asks("GET", "/search", "search")
messages.asks("POST", "/sync", "sync")
