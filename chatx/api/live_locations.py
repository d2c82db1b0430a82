"""Live locations."""

from chatx.api.blueprint import Blueprint

MESSAGE = "/rooms/<uuid:room_id>/messages/<int:seq>"

live_locations = Blueprint("live locations", guard="device", description="Where people are who show it")
live_locations.asks("PUT", f"{MESSAGE}/position", "live_location:update")
live_locations.asks("POST", f"{MESSAGE}/stop", "live_location:stop")
