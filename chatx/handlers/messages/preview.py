"""Previews of links: looked up after the message was said, by the server, and told as a change of it."""

from collections.abc import Sequence
from dataclasses import asdict

from chatx import access
from chatx.context import DueCall
from chatx.models.content import place_of
from chatx.models.link_preview import links_to_look_up, show_preview
from chatx.registry import announces, due
from chatx.schemas.message.preview import MessagePreviewed
from chatx.services.links import Page, links

announces(MessagePreviewed)

Found = tuple[str, Page]


def look_up(calls: Sequence[DueCall]) -> list[Found | None]:
    """The link of each message, and what its page says; beside any transaction, since pages take their time."""
    if not links.on:
        return [None] * len(calls)
    places = [place_of(call.key) for call in calls]
    wanted = calls[0].ctx.read(lambda: links_to_look_up(places))
    pages = links.pages(wanted.values())
    return [(wanted[place], pages[wanted[place]]) if wanted.get(place) in pages else None for place in places]


@due("message:preview", most=8, prepares=look_up)
def preview(calls: Sequence[DueCall]) -> None:
    """Show what the pages of links say of themselves, if the messages still say the same."""
    found = {place_of(call.key): call for call in calls if call.prepared is not None}
    rooms = access.rooms_to_change(room_id for room_id, _ in found)
    for place, message in access.messages_at(found).items():
        call, room = found[place], rooms[message.room_id]
        link, page = call.prepared
        if show_preview(message, link, asdict(page), room.seq + 1):
            call.ctx.change(room, "message:previewed", str(message.seq), message=message)
