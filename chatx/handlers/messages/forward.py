"""Forwarding: saying again in other rooms what was said in one, without telling by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import ChatError, ClientIdReused, Conflict, Forbidden, NotFound, tree
from chatx.models.content import Content
from chatx.models.link_preview import await_previews
from chatx.models.message import Message
from chatx.models.room import Room
from chatx.models.said import Said
from chatx.models.seen import Seen
from chatx.models.submission import First, Key, Submission
from chatx.registry import handles
from chatx.schemas.message.forward import ForwardIn, ForwardListOut
from chatx.services.links import links
from config import LIMITS

Result = dict[str, Any]

ERRORS = {error.code: error for error in tree()}
# Neither whom it mentioned nor what it answered goes along: others are there, and other things were said.
ALONE: dict[str, Any] = {"mentions": [], "reply_to_seq": None, "reply_to": None}
# A repeat knows only the code of what went wrong, so the first answer says no more.
REASONS = {NotFound.code: "There is no such room of yours.", Forbidden.code: "You may not say anything in this room now."}


@handles(
    "message:forward",
    takes=ForwardIn,
    gives=ForwardListOut,
    raises=(NotFound, Conflict, ClientIdReused),
    bucket="forwards",
)
def forward(ctx: Context, room_id: str, seqs: list[int], to_room_ids: list[str], client_id: str) -> dict[str, Any]:
    """Say again in other rooms what was said in one; each of them has its own answer."""
    rooms = access.rooms_to_change(to_room_ids)
    seqs = sorted(set(seqs))
    copies = Copies(ctx.user_id, client_id, Submission.digest_of("message:forward", room_id, seqs, to_room_ids))
    results = copies.made_before(to_room_ids, len(seqs))
    if results is not None:
        return {"items": results, "duplicate": True}
    originals = access.standing_messages_for(access.history_for(ctx.user_id, room_id), seqs)
    _may_go(originals, to_room_ids)
    stays = access.stays_in((to_id, ctx.user_id) for to_id in to_room_ids)
    for number, to_id in enumerate(to_room_ids):
        try:
            access.speaker(stays.get((to_id, ctx.user_id)))
        except ChatError as error:
            copies.refuse(number, to_id, error)
        else:
            copies.say(ctx, number, rooms[to_id], originals)
    copies.keep(rooms, ctx.now)
    for person, seen in access.stirred(rooms, {message.room_id: () for message in copies.said}):
        ctx.change(person, "room:me", seen.room.id, data={"room_id": seen.room.id}, unnamed=True, me=seen)
    return {"items": copies.results}


def _may_go(originals: Sequence[Message | Seen], to_room_ids: Sequence[str]) -> None:
    """What was forwarded many times goes to one room at a time, so that nothing spreads over the world by itself."""
    bound = [original.type for original in originals if original.type == "system" or original.type in Content.known]
    if bound:
        raise Conflict(f"What people do with it belongs to its room: {bound[0]}.")
    many = any(original.forward_score >= LIMITS["forward_many_score"] for original in originals)
    if many and len(to_room_ids) > LIMITS["forward_many_rooms"]:
        raise Conflict(f"More than forward_many_rooms: {LIMITS['forward_many_rooms']}.")


@dataclass(slots=True)
class Copies:
    """What one forward makes, under client_ids of its own: `<client_id>/<room>/<message>`, both counted from 0."""

    user_id: str
    client_id: str
    digest: str
    results: list[Result] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    made: dict[Key, First] = field(default_factory=dict)

    def made_before(self, to_room_ids: Sequence[str], count: int) -> list[Result] | None:
        """What came of the same forward when it was first asked for; None if it is new."""
        rooms = range(len(to_room_ids))
        copies = {number: [self._key(number, each) for each in range(count)] for number in rooms}
        mine = [self._key(), *(self._key(number) for number in rooms), *(key for keys in copies.values() for key in keys)]
        firsts = Submission.firsts(mine)
        if not firsts:
            return None
        if any(first.digest != self.digest for first in firsts.values()):
            raise ClientIdReused
        messages = access.said_before(first.place for first in firsts.values() if first.place)
        results = []
        for number, to_id in enumerate(to_room_ids):
            refused = firsts.get(self._key(number))
            places = [] if refused else [firsts[key].place for key in copies[number]]
            said = [messages[place] for place in places if place]
            results.append(_refused(to_id, refused.subject) if refused else _went(to_id, said))
        return results

    def refuse(self, number: int, to_id: str, error: ChatError) -> None:
        """Note that nothing may be said in this room, so that a repeat is told the same."""
        self.made[self._key(number)] = First(self.digest, error.code)
        self.results.append(_refused(to_id, error.code))

    def say(self, ctx: Context, number: int, room: Room, originals: Sequence[Message | Seen]) -> None:
        """Say it all in this room, in the order in which it was said."""
        said = []
        for each, original in enumerate(originals):
            key = self._key(number, each)
            score = min(original.forward_score + 1, LIMITS["forward_score"])
            content = {"type": original.type, "text": original.text, "data": original.data, "forward_score": score}
            message = Said.now(room, self.user_id, ctx.now, client_id=key[1], **content, **ALONE)
            ctx.tell(message.told(room), message=message)
            self.made[key] = First.message(self.digest, message.place)
            said.append(message)
        self.said += said
        self.results.append(_went(room.id, said))

    def keep(self, rooms: Mapping[str, Room], now: datetime) -> None:
        """Write it all, one statement a table."""
        self.made[self._key()] = First(self.digest, "forwarded")
        Room.keep_all({message.room_id: rooms[message.room_id] for message in self.said}.values())
        Said.keep_all(self.said)
        Submission.keep_all(self.made)
        texts = {message.place: message.text or "" for message in self.said if message.type == "text"}
        await_previews({place: text for place, text in texts.items() if links.are_due(self.user_id, text)}, now)

    def _key(self, *places: int) -> Key:
        return self.user_id, "/".join((self.client_id, *map(str, places)))


def _went(to_id: str, messages: Sequence[Message | Said]) -> Result:
    return {"room_id": to_id, "ok": True, "messages": messages, "error": None}


def _refused(to_id: str, code: str) -> Result:
    return {"room_id": to_id, "ok": False, "messages": [], "error": ERRORS[code](REASONS.get(code)).problem("")}
