"""Rooms and their members."""

from chatx.api.blueprint import Blueprint

rooms = Blueprint("rooms", guard="device", description="Rooms and their members")
rooms.asks("POST", "/rooms", "room:create", status=201)
rooms.asks("GET", "/rooms", "room:list")
rooms.asks("PUT", "/rooms/direct/<uuid:user_id>", "room:direct")
rooms.asks("GET", "/rooms/<uuid:room_id>", "room:get")
rooms.asks("PATCH", "/rooms/<uuid:room_id>", "room:update")
rooms.asks("PATCH", "/rooms/<uuid:room_id>/me", "room:set_me")
rooms.asks("GET", "/rooms/<uuid:room_id>/members", "member:list")
rooms.asks("POST", "/rooms/<uuid:room_id>/members", "member:add")
rooms.asks("PATCH", "/rooms/<uuid:room_id>/members/<uuid:user_id>", "member:update")
rooms.asks("DELETE", "/rooms/<uuid:room_id>/members/<uuid:user_id>", "member:remove")
