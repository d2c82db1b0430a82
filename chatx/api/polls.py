"""Polls."""

from chatx.api.blueprint import Blueprint

MESSAGE = "/rooms/<uuid:room_id>/messages/<int:seq>"

polls = Blueprint("polls", guard="device", description="Votes in polls")
polls.asks("PUT", f"{MESSAGE}/vote", "poll:vote")
polls.asks("GET", f"{MESSAGE}/vote", "poll:my_vote")
polls.asks("GET", f"{MESSAGE}/voters", "poll:voters")
polls.asks("POST", f"{MESSAGE}/options", "poll:add_option")
polls.asks("POST", f"{MESSAGE}/close", "poll:close")
