"""What a client knows: fetched whole, or kept up to date by changes. Both must end in the same, for every action."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from chatx.models.spans import covers, without
from tests.support.people import Person

STATE_FIELDS = ("id", "kind", "title", "description", "avatar", "created_at", "created_by", "seq", "member_count", "settings")
QUOTED = ("type", "text", "fallback_text")
UNAVAILABLE = {"type": "unavailable", "text": None, "fallback_text": None}


class State:
    """One person's view of the server, as a client that keeps everything would hold it."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.me: dict[str, Any] = {}
        self.contacts: dict[str, Any] = {}
        self.blocks: dict[str, Any] = {}
        self.privacy: dict[str, Any] = {}
        self.settings: dict[str, Any] = {}
        self.reminders: dict[tuple[str, int], Any] = {}
        self.scheduled: dict[str, Any] = {}
        self.exports: dict[str, Any] = {}
        self.devices: dict[str, Any] = {}
        self.rooms: dict[str, dict[str, Any]] = {}
        self.marks: dict[str, dict[str, list[int]]] = {}
        self.cursors: dict[str, int] = {}

    @classmethod
    def fetched(cls, person: Person) -> "State":
        """What a fresh client fetches."""
        state = cls(person)
        answer = person.post("/sync").body
        assert not answer["has_more"]
        state._take(answer)
        state._load_own()
        return state

    def copy(self) -> "State":
        twin = State(self.person)
        own = ("me", "contacts", "blocks", "privacy", "settings", "reminders", "scheduled", "exports", "devices")
        for name in (*own, "rooms", "marks", "cursors"):
            setattr(twin, name, copy.deepcopy(getattr(self, name)))
        return twin

    def sync(self, limit: int) -> "State":
        """Catch up from these cursors, page by page."""
        for _ in range(1_000):
            answer = self.person.post("/sync", {"cursors": self.cursors, "limit": limit}).body
            self._take(answer)
            if not answer["has_more"]:
                return self
        raise AssertionError("sync never ends")

    def hear(self, heard: list[tuple[str, Any]]) -> "State":
        """Apply live events as they came."""
        for event, data in heard:
            if "seq" in data:
                assert data["type"] == event
                self.apply(data)
            elif event == "receipt":
                self.marks.setdefault(data["room_id"], {})[data["user_id"]] = [data["delivered_seq"], data["read_seq"]]
        return self

    def apply(self, change: dict[str, Any]) -> None:
        """One change: the next of its feed, or one that is known already; never one beyond a hole."""
        feed, seq = change["feed"], change["seq"]
        known = self.cursors.get(feed)
        if known is None or seq <= known:
            return
        assert seq == known + 1, f"a hole in {feed}: {known} is followed by {seq} ({change['type']})"
        self.cursors[feed] = seq
        getattr(self, "_" + change["type"].replace(":", "_"))(change)
        if feed != "me" and feed in self.rooms:
            self.rooms[feed]["seq"] = seq

    def comparable(self) -> dict[str, Any]:
        """Everything, with the numbers that are formulas computed from what the client has."""
        rooms = {}
        for room_id, whole in self.rooms.items():
            for message in [message for message in whole["messages"].values() if _is_over(message)]:
                self._put(room_id, _expired(message))
            room = whole | {"messages": self._shown(whole)}
            delivered, read = self.marks[room_id][self.person.id]
            others = [m for m in room["messages"].values() if m["sender_id"] != self.person.id and not m["deleted_at"]]
            beyond = [m for m in others if m["seq"] > read and m["type"] != "system"]
            muted = room["me"]["everyone_muted_until"]
            everyone = [m for m in beyond if m["mentions_everyone"] and (muted is None or m["created_at"] >= muted)]
            mentions = [m for m in beyond if self.person.id in m["mentions"] or m in everyone]
            me = room["me"] | {"delivered_seq": delivered, "read_seq": read, "unread": len(beyond), "mentions": len(mentions)}
            said = [seq for seq, message in room["messages"].items() if message["type"] != "system"]
            last = room["messages"][max(said)] if said else None
            standing = {seq for seq, message in room["messages"].items() if not message["deleted_at"]}
            beside = {"pins": {seq: pin for seq, pin in room["pins"].items() if seq in standing}}
            beside["starred"] = sorted(room["starred"] & standing)
            beside["opened"] = {seq: sorted(people) for seq, people in room["opened"].items() if seq in standing}
            rooms[room_id] = room | {"me": me, "last_message": last} | beside
        return {
            "me": self.me,
            # Profiles of others, and when a device was seen, are not told; they are fetched when they are shown.
            "contacts": {user_id: contact | {"user": None} for user_id, contact in self.contacts.items()},
            "blocks": {user_id: block | {"user": None} for user_id, block in self.blocks.items()},
            "privacy": self.privacy,
            "settings": self.settings,
            "reminders": self.reminders,
            "scheduled": self.scheduled,
            "exports": self.exports,
            "devices": {device_id: device | {"last_seen_at": None} for device_id, device in self.devices.items()},
            "rooms": rooms,
            "marks": self.marks,
            "cursors": self.cursors,
        }

    def _shown(self, room: dict[str, Any]) -> dict[int, dict[str, Any]]:
        """The messages that a client shows: neither those that the person has hidden, nor quotes of them."""
        messages = {seq: _settled(message) for seq, message in room["messages"].items() if not covers(room["me"]["hidden"], seq)}
        for seq, message in messages.items():
            quote = message["reply_to"]
            quoted = self.rooms.get(quote["room_id"]) if quote else None
            if quote and quoted and covers(quoted["me"]["hidden"], quote["seq"]):
                messages[seq] = message | {"reply_to": None if quoted is room else quote | UNAVAILABLE}
        return messages

    def _take(self, answer: dict[str, Any]) -> None:
        for room_id in answer["gone"]:
            self._drop(room_id)
        for feed in answer["reset"]:
            if feed == "me":
                self._load_own()
            else:
                self._drop(feed)
        for change in answer["changes"]:
            self.apply(change)
        for room in answer["rooms"]:
            self._add(room)
        self.cursors = {feed: seq for feed, seq in self.cursors.items() if feed in answer["cursors"]} | answer["cursors"]
        if not answer["has_more"]:
            self.marks = answer["marks"]

    def _load_own(self) -> None:
        self.me = self.person.get("/users/me").body
        self.contacts = {contact["user_id"]: contact for contact in self.person.get("/users/me/contacts").body["items"]}
        self.blocks = {block["user_id"]: block for block in self.person.get("/users/me/blocks").body["items"]}
        self.privacy = self.person.get("/users/me/privacy").body
        self.settings = self.person.get("/users/me/settings").body
        self.scheduled = {each["id"]: each for each in self.person.get("/users/me/scheduled", limit=100).body["items"]}
        reminders = self.person.get("/users/me/reminders").body["items"]
        self.reminders = {(reminder["room_id"], reminder["seq"]): reminder for reminder in reminders}
        self.exports = {export["id"]: export for export in self.person.get("/exports").body["items"]}
        self.devices = {device["id"]: device for device in self.person.get("/auth/devices").body["items"]}

    def _add(self, room: dict[str, Any]) -> None:
        """A room that the client had not: its members and its messages are fetched with it."""
        room_id = room["id"]
        members = self.person.get(f"/rooms/{room_id}/members", limit=100).body["items"]
        pages = list(self.person.pages_of_history(room_id))
        pins = self.person.get(f"/rooms/{room_id}/pins").body["items"]
        self.rooms[room_id] = {
            **{name: room[name] for name in STATE_FIELDS},
            "me": {**room["me"]},
            "peer": room["peer"] and room["peer"]["id"],
            "members": {member["user_id"]: member["role"] for member in members},
            "messages": {message["seq"]: message for page in pages for message in page["items"]},
            "starred": {seq for page in pages for seq in page["starred"]},
            "opened": {each["seq"]: set(each["user_ids"]) for page in pages for each in page["opened"]},
            "pins": {pin["message"]["seq"]: {"pinned_by": pin["pinned_by"], "expires_at": pin["expires_at"]} for pin in pins},
        }
        self.marks[room_id] = {each["user_id"]: [each["delivered_seq"], each["read_seq"]] for each in members}
        self.cursors[room_id] = room["seq"]
        self._fill_quotes_of(room_id)

    def _quotes_of(self, room_id: str) -> list[dict[str, Any]]:
        """All quotes of this room's messages, also those in private replies."""
        said = [message for room in self.rooms.values() for message in room["messages"].values()]
        return [message["reply_to"] for message in said if message["reply_to"] and message["reply_to"]["room_id"] == room_id]

    def _fill_quotes_of(self, room_id: str) -> None:
        """From the messages themselves, as far as one sees them; those in the room itself came with it."""
        here = self.rooms[room_id]["messages"]
        own = {id(message["reply_to"]) for message in here.values()}
        for quote in self._quotes_of(room_id):
            if id(quote) not in own:
                said = here.get(quote["seq"], UNAVAILABLE)
                quote.update({name: said[name] for name in QUOTED})

    def _drop(self, room_id: str) -> None:
        """With it goes what private replies quote of it."""
        for quote in self._quotes_of(room_id):
            quote.update(UNAVAILABLE)
        for known in (self.rooms, self.marks, self.cursors):
            known.pop(room_id, None)

    def _message_created(self, change: dict[str, Any]) -> None:
        """Null is one that this person does not see."""
        message, messages = change["message"], self.rooms[change["feed"]]["messages"]
        if message is None:
            return
        self._know_own_reaction(message, messages.get(message["seq"]), change)
        self._put(change["feed"], message)

    def _put(self, room_id: str, message: dict[str, Any]) -> None:
        """In the place of the one that is held, and of the quotes of it."""
        self.rooms[room_id]["messages"][message["seq"]] = message
        for quote in self._quotes_of(room_id):
            if quote["seq"] == message["seq"]:
                quote.update({name: message[name] for name in QUOTED})

    _message_edited = _message_deleted = _poll_changed = _reaction_changed = _message_created
    _event_changed = _event_reminder = _live_location_stopped = _message_created
    _message_previewed = _message_kept = _message_unkept = _message_created

    def _message_expired(self, change: dict[str, Any]) -> None:
        messages = self.rooms[change["feed"]]["messages"]
        for seq in messages.keys() & set(change["seqs"]):
            self._put(change["feed"], _expired(messages[seq]))

    def _message_opened(self, change: dict[str, Any]) -> None:
        if change["room_id"] in self.rooms:
            opened = self.rooms[change["room_id"]]["opened"]
            opened.setdefault(change["message_seq"], set()).add(change["user_id"])

    def _know_own_reaction(self, message: dict[str, Any], known: dict[str, Any] | None, change: dict[str, Any]) -> None:
        """What all hear alike says of nobody's reaction that it is theirs: it is as it was, unless one changed it oneself."""
        mine = {reaction["emoji"] for reaction in known["reactions"] if reaction["mine"]} if known else set()
        if change["type"] == "reaction:changed" and change["actor_id"] == self.person.id:
            mine = {change["emoji"]}
        message["reactions"] = [reaction | {"mine": reaction["emoji"] in mine} for reaction in message["reactions"]]

    def _message_pinned(self, change: dict[str, Any]) -> None:
        self._message_created(change)
        if change["message"] is not None:
            end = datetime.fromisoformat(change["at"]) + timedelta(seconds=change["seconds"])
            pin = {"pinned_by": change["actor_id"], "expires_at": end.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
            self.rooms[change["feed"]]["pins"][change["message"]["seq"]] = pin

    def _message_unpinned(self, change: dict[str, Any]) -> None:
        self._message_created(change)
        if change["message"] is not None:
            self.rooms[change["feed"]]["pins"].pop(change["message"]["seq"], None)

    def _message_starred(self, change: dict[str, Any]) -> None:
        """A room that one has left keeps its stars, which come with it when one comes back."""
        if change["room_id"] in self.rooms:
            starred = self.rooms[change["room_id"]]["starred"]
            (starred.add if change["starred"] else starred.discard)(change["message_seq"])

    def _room_created(self, change: dict[str, Any]) -> None:
        self.rooms[change["feed"]].update(change["room"])

    _room_updated = _room_created

    def _member_joined(self, change: dict[str, Any]) -> None:
        room, user_id = self.rooms[change["feed"]], change["user_id"]
        room["members"][user_id] = change["role"]
        room["member_count"] = change["member_count"]
        self.marks[change["feed"]].setdefault(user_id, [change["seq"], change["seq"]])
        self._own_role(change)

    def _member_updated(self, change: dict[str, Any]) -> None:
        self.rooms[change["feed"]]["members"][change["user_id"]] = change["role"]
        self._own_role(change)

    def _member_left(self, change: dict[str, Any]) -> None:
        room = self.rooms[change["feed"]]
        room["members"].pop(change["user_id"], None)
        room["member_count"] = change["member_count"]
        self.marks[change["feed"]].pop(change["user_id"], None)

    def _own_role(self, change: dict[str, Any]) -> None:
        if change["user_id"] == self.person.id:
            self.rooms[change["feed"]]["me"]["role"] = change["role"]

    def _room_added(self, change: dict[str, Any]) -> None:
        if change["room"] is not None:
            self._add(change["room"])

    def _room_removed(self, change: dict[str, Any]) -> None:
        self._drop(change["room_id"])

    def _room_me(self, change: dict[str, Any]) -> None:
        """What is hidden no more is read again: the client may never have had it."""
        room = self.rooms.get(change["room_id"])
        if room is None or change["me"] is None:
            return
        before, room["me"] = room["me"], change["me"]
        if without(before["hidden"], room["me"]["hidden"]):
            room["messages"] |= {message["seq"]: message for message in self.person.whole_history(change["room_id"])}
            self._fill_quotes_of(change["room_id"])

    def _profile_updated(self, change: dict[str, Any]) -> None:
        self.me = change["user"]

    def _contacts_updated(self, change: dict[str, Any]) -> None:
        if change["contact"] is None:
            self.contacts.pop(change["user_id"], None)
        else:
            self.contacts[change["user_id"]] = change["contact"]

    def _blocks_updated(self, change: dict[str, Any]) -> None:
        if change["block"] is None:
            self.blocks.pop(change["user_id"], None)
        else:
            self.blocks[change["user_id"]] = change["block"]

    def _privacy_updated(self, change: dict[str, Any]) -> None:
        self.privacy = change["privacy"]

    def _settings_updated(self, change: dict[str, Any]) -> None:
        self.settings = change["settings"]

    def _scheduled_updated(self, change: dict[str, Any]) -> None:
        if change["scheduled"] is None:
            self.scheduled.pop(change["scheduled_id"], None)
        else:
            self.scheduled[change["scheduled_id"]] = change["scheduled"]

    def _scheduled_sent(self, change: dict[str, Any]) -> None:
        self.scheduled.pop(change["scheduled_id"], None)

    def _reminders_updated(self, change: dict[str, Any]) -> None:
        place = (change["room_id"], change["message_seq"])
        if change["reminder"] is None:
            self.reminders.pop(place, None)
        else:
            self.reminders[place] = change["reminder"]

    def _reminder_due(self, change: dict[str, Any]) -> None:
        self.reminders.pop((change["room_id"], change["message_seq"]), None)

    def _exports_updated(self, change: dict[str, Any]) -> None:
        if change["export"] is None:
            self.exports.pop(change["export_id"], None)
        else:
            self.exports[change["export_id"]] = change["export"]

    def _device_added(self, change: dict[str, Any]) -> None:
        self.devices[change["device"]["id"]] = change["device"]

    def _device_removed(self, change: dict[str, Any]) -> None:
        self.devices.pop(change["device_id"], None)


def _expired(message: dict[str, Any]) -> dict[str, Any]:
    """The tombstone of a message whose time is over, as a client makes it, by what it is told or by its own clock."""
    if message["deleted_at"]:
        return message
    nothing = dict.fromkeys(("text", "fallback_text", "reply_to", "edited_at", "expires_at", "kept_by", "preview"))
    empty = {"data": {}, "mentions": [], "mentions_everyone": False, "entities": [], "reactions": [], "forward_score": 0}
    return message | nothing | empty | {"type": "deleted", "deleted_at": message["expires_at"]}


def _is_over(message: dict[str, Any]) -> bool:
    return message["expires_at"] is not None and datetime.fromisoformat(message["expires_at"]) <= datetime.now(UTC)


def _settled(message: dict[str, Any]) -> dict[str, Any]:
    """Without where somebody is right now, which is told by the way, and to nobody who was away."""
    if message["type"] != "live_location" or message["data"]["stopped_at"] is not None:
        return message
    return message | {"data": {"ends_at": message["data"]["ends_at"]}}
