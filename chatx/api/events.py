"""Events that people meet for."""

from chatx.api.blueprint import Blueprint

MESSAGE = "/rooms/<uuid:room_id>/messages/<int:seq>"

events = Blueprint("events", guard="device", description="Who comes to events, and changes of them")
events.asks("PUT", f"{MESSAGE}/rsvp", "event:rsvp")
events.asks("GET", f"{MESSAGE}/rsvp", "event:my_rsvp")
events.asks("GET", f"{MESSAGE}/answers", "event:answers")
events.asks("PATCH", f"{MESSAGE}/event", "event:update")
events.asks("POST", f"{MESSAGE}/cancel", "event:cancel")
