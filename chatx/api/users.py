"""People, contacts, and what waits for oneself."""

from chatx.api.blueprint import Blueprint

users = Blueprint("users", guard="device", description="People, who you keep as contacts, and whom you block")
users.asks("GET", "/users/me", "user:me")
users.asks("PATCH", "/users/me", "user:update")
users.asks("GET", "/users/me/unread", "room:unread")
users.asks("GET", "/users/me/starred", "star:list")
users.asks("GET", "/users", "user:find")
users.asks("GET", "/users/<uuid:user_id>", "user:get")
users.asks("GET", "/users/me/contacts", "contact:list")
users.asks("GET", "/users/me/contacts/<uuid:user_id>", "contact:get")
users.asks("PUT", "/users/me/contacts/<uuid:user_id>", "contact:set")
users.asks("DELETE", "/users/me/contacts/<uuid:user_id>", "contact:remove")
users.asks("GET", "/users/me/blocks", "block:list")
users.asks("PUT", "/users/me/blocks/<uuid:user_id>", "block:set")
users.asks("DELETE", "/users/me/blocks/<uuid:user_id>", "block:remove")
users.asks("GET", "/users/me/reminders", "reminder:list")
users.asks("GET", "/users/me/privacy", "privacy:get")
users.asks("PATCH", "/users/me/privacy", "privacy:set")
