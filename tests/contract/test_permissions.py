"""Who may do what: one table of everything that can be asked, held against both wires, for everybody from owner to stranger."""

import re
import secrets
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import socketio
from socketio.exceptions import ConnectionError as NotConnected

import chatx
from chatx.registry import catalogue
from tests.support.contract import Contract
from tests.support.people import NAMESPACE, PASSWORD, Answer, Caller, Cast, Person, Refused
from tests.support.server import Server

assert chatx.handlers, "importing chatx fills the registry"

ROLES = ("owner", "admin", "member", "former", "stranger", "signed out")

# What becomes of a call, in the order of ROLES. The room is a group with an owner, an admin and a member; `former` has
# left it, `stranger` was never in it. A direct room is of `owner` and `member`. Contacts and devices are the owner's.
PUBLIC = ("ok", "ok", "ok", "ok", "ok", "ok")
SIGNED_IN = ("ok", "ok", "ok", "ok", "ok", "unauthenticated")
READERS = ("ok", "ok", "ok", "ok", "not_found", "unauthenticated")
MEMBERS = ("ok", "ok", "ok", "not_found", "not_found", "unauthenticated")
RUNNERS = ("ok", "ok", "forbidden", "not_found", "not_found", "unauthenticated")
OWNERS = ("ok", "forbidden", "forbidden", "not_found", "not_found", "unauthenticated")
MEMBERS_IN_VAIN = ("forbidden", "forbidden", "forbidden", "not_found", "not_found", "unauthenticated")
RUNNERS_FIND_NOBODY = ("not_found", "not_found", "forbidden", "not_found", "not_found", "unauthenticated")
PAIR = ("ok", "not_found", "ok", "not_found", "not_found", "unauthenticated")
PAIR_IN_VAIN = ("forbidden", "not_found", "forbidden", "not_found", "not_found", "unauthenticated")
AUTHORS = ("forbidden", "forbidden", "ok", "not_found", "not_found", "unauthenticated")
OTHERS = ("ok", "ok", "forbidden", "not_found", "not_found", "unauthenticated")
THE_MEMBER = ("forbidden", "not_found", "ok", "not_found", "not_found", "unauthenticated")
THE_MEMBER_ANSWERS = ("validation_failed", "not_found", "ok", "not_found", "not_found", "unauthenticated")
THE_OWNER = ("ok", "not_found", "not_found", "not_found", "not_found", "unauthenticated")


@dataclass(frozen=True)
class Row:
    """One thing that can be asked. `{name}` in the path is a field of the payload; `{name}` in the payload is of the Scene.

    fresh: where it succeeds it changes what other rows need, so it gets a scene of its own.
    newcomer: it ends sessions, so somebody new asks it in place of the role.
    """

    event: str
    method: str
    path: str
    payload: dict[str, Any]
    expected: tuple[str, ...]
    about: str = ""
    fresh: bool = False
    newcomer: bool = False

    def __str__(self) -> str:
        return f"{self.event} {self.about}".strip()

    @property
    def in_path(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)


ROOM = {"room_id": "{room}"}
MESSAGE = "/rooms/{room_id}/messages/{seq}"
DIRECT = {"room_id": "{direct}"}
SOME_TEXT = {"client_id": "{nonce}", "text": "hello"}
LASTING = {"expire_seconds": 86_400}
PRIVATELY = {"reply_to_room_id": "{room}", "reply_to_seq": "{seq}"}
EVERYONE = {"mentions_everyone": True}
SOME_PLACE = {"client_id": "{nonce}", "type": "location", "data": {"latitude": 1, "longitude": 2}}
LIVE = {"room_id": "{room}", "seq": "{live}"}
EVENT = {"room_id": "{room}", "seq": "{event}"}
POLL = {"room_id": "{room}", "seq": "{poll}"}
IN_A_WEEK = (datetime.now(UTC) + timedelta(days=7)).isoformat()
LATER = {"at": IN_A_WEEK}
SCHEDULED = "/users/me/scheduled/{scheduled_id}"
FORWARD = {"to_room_ids": ["{direct}"], "client_id": "{nonce}"}
FRESH = {"fresh": True}
NEWCOMER = {"newcomer": True}

TABLE = [
    Row("config:get", "GET", "/config", {}, PUBLIC),
    Row(
        "auth:register",
        "POST",
        "/auth/register",
        {"username": "{nonce}", "password": PASSWORD, "display_name": "New"},
        PUBLIC,
    ),
    Row("auth:login", "POST", "/auth/login", {"username": "{guest_name}", "password": PASSWORD}, PUBLIC),
    Row("auth:refresh", "POST", "/auth/refresh", {}, SIGNED_IN, **NEWCOMER),
    Row("auth:logout", "POST", "/auth/logout", {}, SIGNED_IN, **NEWCOMER),
    Row(
        "auth:password",
        "POST",
        "/auth/password",
        {"current_password": PASSWORD, "new_password": "a longer password"},
        SIGNED_IN,
        **NEWCOMER,
    ),
    Row("device:list", "GET", "/auth/devices", {}, SIGNED_IN),
    Row("device:revoke", "DELETE", "/auth/devices/{device_id}", {"device_id": "{device}"}, THE_OWNER, **FRESH),
    Row("user:me", "GET", "/users/me", {}, SIGNED_IN),
    Row("user:update", "PATCH", "/users/me", {"about": "busy"}, SIGNED_IN),
    Row("user:find", "GET", "/users", {"username": "{guest_name}"}, SIGNED_IN),
    Row("user:get", "GET", "/users/{user_id}", {"user_id": "{guest}"}, SIGNED_IN),
    Row("contact:list", "GET", "/users/me/contacts", {}, SIGNED_IN),
    Row("contact:get", "GET", "/users/me/contacts/{user_id}", {"user_id": "{contact}"}, THE_OWNER, "of the owner"),
    Row("contact:remove", "DELETE", "/users/me/contacts/{user_id}", {"user_id": "{contact}"}, THE_OWNER, "of the owner", **FRESH),
    Row("contact:set", "PUT", "/users/me/contacts/{user_id}", {"user_id": "{owner}", "name": "Boss"}, SIGNED_IN),
    Row("block:list", "GET", "/users/me/blocks", {}, SIGNED_IN),
    Row("block:remove", "DELETE", "/users/me/blocks/{user_id}", {"user_id": "{blocked}"}, THE_OWNER, "of the owner", **FRESH),
    Row("block:set", "PUT", "/users/me/blocks/{user_id}", {"user_id": "{nuisance}"}, SIGNED_IN),
    Row("privacy:get", "GET", "/users/me/privacy", {}, SIGNED_IN),
    Row("privacy:set", "PATCH", "/users/me/privacy", {"read_receipts": True}, SIGNED_IN),
    Row("settings:get", "GET", "/users/me/settings", {}, SIGNED_IN),
    Row("settings:set", "PATCH", "/users/me/settings", {"keep_archived": True}, SIGNED_IN),
    Row("room:create", "POST", "/rooms", {"title": "New", "member_ids": ["{guest}"]}, SIGNED_IN),
    Row("room:list", "GET", "/rooms", {"limit": 1}, SIGNED_IN),
    Row("room:unread", "GET", "/users/me/unread", {}, SIGNED_IN),
    Row("room:direct", "PUT", "/rooms/direct/{user_id}", {"user_id": "{guest}"}, SIGNED_IN),
    Row("room:get", "GET", "/rooms/{room_id}", ROOM, MEMBERS),
    Row("room:get", "GET", "/rooms/{room_id}", DIRECT, PAIR, "of a pair"),
    Row("room:update", "PATCH", "/rooms/{room_id}", ROOM | {"title": "Other"}, RUNNERS),
    Row("room:update", "PATCH", "/rooms/{room_id}", DIRECT | {"title": "Other"}, PAIR_IN_VAIN, "of a pair"),
    Row("room:update", "PATCH", "/rooms/{room_id}", ROOM | {"settings": LASTING}, RUNNERS, "how long messages last", **FRESH),
    Row("room:update", "PATCH", "/rooms/{room_id}", DIRECT | {"settings": LASTING}, PAIR, "how long messages of a pair last"),
    Row("room:set_me", "PATCH", "/rooms/{room_id}/me", ROOM | {"archived": True}, MEMBERS),
    Row("room:set_me", "PATCH", "/rooms/{room_id}/me", DIRECT | {"draft": "well"}, PAIR, "of a pair"),
    Row("member:list", "GET", "/rooms/{room_id}/members", ROOM, MEMBERS),
    Row("member:list", "GET", "/rooms/{room_id}/members", DIRECT, PAIR, "of a pair"),
    Row("member:add", "POST", "/rooms/{room_id}/members", ROOM | {"user_ids": ["{guest}"]}, RUNNERS, **FRESH),
    Row("member:add", "POST", "/rooms/{room_id}/members", ROOM | {"user_ids": ["{me}"]}, RUNNERS, "oneself"),
    Row("member:add", "POST", "/rooms/{room_id}/members", DIRECT | {"user_ids": ["{guest}"]}, PAIR_IN_VAIN, "to a pair"),
    Row(
        "member:update",
        "PATCH",
        "/rooms/{room_id}/members/{user_id}",
        ROOM | {"user_id": "{member}", "role": "admin"},
        RUNNERS,
        "a member to admin",
        **FRESH,
    ),
    Row(
        "member:update",
        "PATCH",
        "/rooms/{room_id}/members/{user_id}",
        ROOM | {"user_id": "{member}", "role": "owner"},
        OWNERS,
        "a member to owner",
        **FRESH,
    ),
    Row(
        "member:update",
        "PATCH",
        "/rooms/{room_id}/members/{user_id}",
        ROOM | {"user_id": "{owner}", "role": "member"},
        MEMBERS_IN_VAIN,
        "the last owner to member",
    ),
    Row(
        "member:update",
        "PATCH",
        "/rooms/{room_id}/members/{user_id}",
        ROOM | {"user_id": "{guest}", "role": "admin"},
        RUNNERS_FIND_NOBODY,
        "somebody outside",
    ),
    Row(
        "member:update",
        "PATCH",
        "/rooms/{room_id}/members/{user_id}",
        DIRECT | {"user_id": "{member}", "role": "owner"},
        PAIR_IN_VAIN,
        "of a pair",
    ),
    Row(
        "member:remove",
        "DELETE",
        "/rooms/{room_id}/members/{user_id}",
        ROOM | {"user_id": "{other}"},
        RUNNERS,
        "a member",
        **FRESH,
    ),
    Row(
        "member:remove",
        "DELETE",
        "/rooms/{room_id}/members/{user_id}",
        ROOM | {"user_id": "{owner}"},
        OWNERS,
        "the owner",
        **FRESH,
    ),
    Row(
        "member:remove",
        "DELETE",
        "/rooms/{room_id}/members/{user_id}",
        ROOM | {"user_id": "{guest}"},
        RUNNERS_FIND_NOBODY,
        "somebody outside",
    ),
    Row("member:remove", "DELETE", "/rooms/{room_id}/members/{user_id}", ROOM | {"user_id": "{me}"}, MEMBERS, "oneself", **FRESH),
    Row("member:remove", "DELETE", "/rooms/{room_id}/members/{user_id}", DIRECT | {"user_id": "{me}"}, PAIR_IN_VAIN, "of a pair"),
    Row("message:send", "POST", "/rooms/{room_id}/messages", ROOM | SOME_TEXT, MEMBERS),
    Row("message:send", "POST", "/rooms/{room_id}/messages", DIRECT | SOME_TEXT, PAIR, "to a pair"),
    Row("message:send", "POST", "/rooms/{room_id}/messages", ROOM | SOME_TEXT | {"reply_to_seq": "{seq}"}, MEMBERS, "as a reply"),
    Row("message:send", "POST", "/rooms/{room_id}/messages", DIRECT | SOME_TEXT | PRIVATELY, THE_MEMBER_ANSWERS, "privately"),
    Row("message:send", "POST", "/rooms/{room_id}/messages", ROOM | SOME_TEXT | EVERYONE, MEMBERS, "to everyone"),
    Row("message:send", "POST", "/rooms/{room_id}/messages", ROOM | SOME_PLACE, MEMBERS, "of another type"),
    Row("poll:vote", "PUT", f"{MESSAGE}/vote", POLL | {"option_ids": ["{option}"]}, MEMBERS),
    Row("poll:my_vote", "GET", f"{MESSAGE}/vote", POLL, MEMBERS),
    Row("poll:voters", "GET", f"{MESSAGE}/voters", POLL, MEMBERS),
    Row("poll:add_option", "POST", f"{MESSAGE}/options", POLL | {"text": "again"}, MEMBERS),
    Row("poll:close", "POST", f"{MESSAGE}/close", POLL, AUTHORS, **FRESH),
    Row("event:rsvp", "PUT", f"{MESSAGE}/rsvp", EVENT | {"answer": "going"}, MEMBERS),
    Row("event:my_rsvp", "GET", f"{MESSAGE}/rsvp", EVENT, MEMBERS),
    Row("event:answers", "GET", f"{MESSAGE}/answers", EVENT, MEMBERS),
    Row("event:update", "PATCH", f"{MESSAGE}/event", EVENT | {"description": "{nonce}"}, AUTHORS),
    Row("event:cancel", "POST", f"{MESSAGE}/cancel", EVENT, AUTHORS, **FRESH),
    Row("live_location:update", "PUT", f"{MESSAGE}/position", LIVE | {"latitude": 1, "longitude": 2}, AUTHORS),
    Row("live_location:stop", "POST", f"{MESSAGE}/stop", LIVE, AUTHORS, **FRESH),
    Row("history", "GET", "/rooms/{room_id}/messages", ROOM, READERS),
    Row("history", "GET", "/rooms/{room_id}/messages", ROOM | {"around": "{seq}"}, READERS, "around a message"),
    Row("history", "GET", "/rooms/{room_id}/messages", DIRECT, PAIR, "of a pair"),
    Row("message:edit", "PATCH", MESSAGE, ROOM | {"seq": "{members}", "text": "{nonce}"}, AUTHORS, "a member's"),
    Row("message:edit", "PATCH", MESSAGE, ROOM | {"seq": "{members}", "text": "{nonce}"} | EVERYONE, AUTHORS, "to everyone"),
    Row("message:edit", "PATCH", MESSAGE, DIRECT | {"seq": 2, "text": "{nonce}"}, THE_MEMBER, "of a pair"),
    Row("message:edits", "GET", f"{MESSAGE}/edits", ROOM | {"seq": "{seq}"}, READERS),
    Row("message:edits", "GET", f"{MESSAGE}/edits", DIRECT | {"seq": 2}, PAIR, "of a pair"),
    Row("message:delete", "DELETE", MESSAGE, ROOM | {"seq": "{members}", "scope": "all"}, MEMBERS, "a member's", **FRESH),
    Row("message:delete", "DELETE", MESSAGE, ROOM | {"seq": "{seq}", "scope": "all"}, RUNNERS, "the owner's", **FRESH),
    Row("message:delete", "DELETE", MESSAGE, ROOM | {"seq": "{seq}", "scope": "me"}, MEMBERS, "for oneself", **FRESH),
    Row("message:hide", "POST", "/rooms/{room_id}/hide", ROOM | {"ranges": [[1, 1]]}, MEMBERS),
    Row("message:hide", "POST", "/rooms/{room_id}/hide", DIRECT | {"ranges": [[1, 1]]}, PAIR, "of a pair"),
    Row("message:unhide", "POST", "/rooms/{room_id}/unhide", {"room_id": "{cleared}"}, MEMBERS, **FRESH),
    Row("room:clear", "POST", "/rooms/{room_id}/clear", ROOM, MEMBERS, **FRESH),
    Row("message:receipts", "GET", "/rooms/{room_id}/messages/{seq}/receipts", ROOM | {"seq": "{seq}"}, READERS),
    Row("message:receipts", "GET", "/rooms/{room_id}/messages/{seq}/receipts", DIRECT | {"seq": 2}, PAIR, "of a pair"),
    Row("search", "GET", "/search", {"q": "hello"}, SIGNED_IN),
    Row("search", "GET", "/search", ROOM | {"q": "hello"}, READERS, "in a room"),
    Row("search", "GET", "/search", DIRECT | {"q": "hello"}, PAIR, "of a pair"),
    Row("room:media", "GET", "/rooms/{room_id}/media", ROOM | {"kind": "links"}, READERS),
    Row("room:media", "GET", "/rooms/{room_id}/media", DIRECT | {"kind": "files"}, PAIR, "of a pair"),
    Row("reminder:list", "GET", "/users/me/reminders", {}, SIGNED_IN),
    Row(
        "reminder:set",
        "PUT",
        "/rooms/{room_id}/messages/{seq}/reminder",
        ROOM | {"seq": "{seq}", "at": IN_A_WEEK},
        READERS,
    ),
    Row(
        "reminder:set", "PUT", "/rooms/{room_id}/messages/{seq}/reminder", DIRECT | {"seq": 2, "at": IN_A_WEEK}, PAIR, "of a pair"
    ),
    Row(
        "reminder:clear",
        "DELETE",
        "/rooms/{room_id}/messages/{seq}/reminder",
        ROOM | {"seq": "{reminded}"},
        THE_OWNER,
        "of the owner",
        **FRESH,
    ),
    Row("scheduled:list", "GET", "/users/me/scheduled", {}, SIGNED_IN),
    Row("scheduled:list", "GET", "/users/me/scheduled", ROOM, SIGNED_IN, "in a room"),
    Row("scheduled:create", "POST", "/rooms/{room_id}/scheduled", ROOM | SOME_TEXT | LATER, MEMBERS),
    Row("scheduled:create", "POST", "/rooms/{room_id}/scheduled", DIRECT | SOME_TEXT | LATER, PAIR, "to a pair"),
    Row("scheduled:edit", "PATCH", SCHEDULED, {"scheduled_id": "{scheduled}", "text": "{nonce}"}, THE_OWNER, "of the owner"),
    Row("scheduled:cancel", "DELETE", SCHEDULED, {"scheduled_id": "{scheduled}"}, THE_OWNER, "of the owner", **FRESH),
    Row("reaction:set", "PUT", f"{MESSAGE}/reaction", ROOM | {"seq": "{seq}", "emoji": "👍"}, MEMBERS),
    Row("reaction:set", "PUT", f"{MESSAGE}/reaction", DIRECT | {"seq": 2, "emoji": "👍"}, PAIR, "of a pair"),
    Row("reaction:clear", "DELETE", f"{MESSAGE}/reaction", ROOM | {"seq": "{seq}"}, MEMBERS),
    Row("reaction:clear", "DELETE", f"{MESSAGE}/reaction", DIRECT | {"seq": 2}, PAIR, "of a pair"),
    Row("message:reactions", "GET", f"{MESSAGE}/reactions", ROOM | {"seq": "{seq}"}, READERS),
    Row("message:reactions", "GET", f"{MESSAGE}/reactions", DIRECT | {"seq": 2}, PAIR, "of a pair"),
    Row("star:set", "PUT", f"{MESSAGE}/star", ROOM | {"seq": "{seq}"}, READERS),
    Row("star:set", "PUT", f"{MESSAGE}/star", DIRECT | {"seq": 2}, PAIR, "of a pair"),
    Row("star:clear", "DELETE", f"{MESSAGE}/star", ROOM | {"seq": "{seq}"}, READERS),
    Row("star:clear", "DELETE", f"{MESSAGE}/star", DIRECT | {"seq": 2}, PAIR, "of a pair"),
    Row("star:list", "GET", "/users/me/starred", {}, SIGNED_IN),
    Row("pin:set", "PUT", f"{MESSAGE}/pin", ROOM | {"seq": "{seq}"}, MEMBERS),
    Row("pin:set", "PUT", f"{MESSAGE}/pin", DIRECT | {"seq": 2}, PAIR, "of a pair"),
    Row("pin:set", "PUT", f"{MESSAGE}/pin", {"room_id": "{strict}", "seq": 2}, RUNNERS, "where only admins may"),
    Row("pin:clear", "DELETE", f"{MESSAGE}/pin", ROOM | {"seq": "{seq}"}, MEMBERS),
    Row("pin:clear", "DELETE", f"{MESSAGE}/pin", DIRECT | {"seq": 2}, PAIR, "of a pair"),
    Row("pin:clear", "DELETE", f"{MESSAGE}/pin", {"room_id": "{strict}", "seq": 2}, RUNNERS, "where only admins may"),
    Row("pin:list", "GET", "/rooms/{room_id}/pins", ROOM, MEMBERS),
    Row("pin:list", "GET", "/rooms/{room_id}/pins", DIRECT, PAIR, "of a pair"),
    Row("keep:set", "PUT", f"{MESSAGE}/keep", ROOM | {"seq": "{expiring}"}, MEMBERS, **FRESH),
    Row("keep:clear", "DELETE", f"{MESSAGE}/keep", ROOM | {"seq": "{seq}"}, MEMBERS, "what is not kept"),
    Row("keep:clear", "DELETE", f"{MESSAGE}/keep", ROOM | {"seq": "{kept}"}, AUTHORS, "a member's", **FRESH),
    Row("message:open", "POST", f"{MESSAGE}/open", ROOM | {"seq": "{sealed}"}, OTHERS, "a member's", **FRESH),
    Row("message:forward", "POST", "/rooms/{room_id}/forward", ROOM | FORWARD | {"seqs": ["{seq}"]}, READERS),
    Row("message:forward", "POST", "/rooms/{room_id}/forward", DIRECT | FORWARD | {"seqs": [2]}, PAIR, "from a pair"),
    Row("export:create", "POST", "/rooms/{room_id}/exports", ROOM, READERS, **FRESH),
    Row("export:create", "POST", "/rooms/{room_id}/exports", DIRECT | {"format": "json"}, PAIR, "of a pair", **FRESH),
    Row("export:list", "GET", "/exports", {}, SIGNED_IN),
    Row("export:get", "GET", "/exports/{export_id}", {"export_id": "{export}"}, THE_OWNER),
    Row("export:read", "GET", "/exports/{export_id}/file", {"export_id": "{export}"}, THE_OWNER),
    Row("export:remove", "DELETE", "/exports/{export_id}", {"export_id": "{export}"}, THE_OWNER, **FRESH),
    Row("receipt:read", "POST", "/rooms/{room_id}/read", ROOM | {"seq": "{seq}"}, MEMBERS),
    Row("receipt:delivered", "POST", "/receipts/delivered", {"marks": {"{room}": "{seq}"}}, MEMBERS),
    Row("typing", "POST", "/rooms/{room_id}/typing", ROOM | {"kind": "text"}, MEMBERS),
    Row("typing", "POST", "/rooms/{room_id}/typing", DIRECT | {"kind": "voice"}, PAIR, "to a pair"),
    Row("sync", "POST", "/sync", {"cursors": {"{room}": 1}}, SIGNED_IN),
    # The last one: a pair has one room, and what was said there first is what the others ask for.
    Row("message:delete", "DELETE", MESSAGE, DIRECT | {"seq": 2, "scope": "all"}, THE_MEMBER, "of a pair", **FRESH),
]

ON_SOCKETS = [row for row in TABLE if row.event in catalogue and catalogue[row.event].guard == "device"]
CASES = [
    pytest.param(row, role, wire, id=f"{row}, {role}, {wire}")
    for row in TABLE
    for role in ROLES
    for wire in ("REST", "socket")
    if wire == "REST" or row in ON_SOCKETS
]
NOT_FOUND_CASES = [case for case in CASES if case.values[0].expected[ROLES.index(case.values[1])] == "not_found"]


class Scene:
    """What the payloads of the table speak of, made when it is first named."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self._made: dict[str, Any] = {}
        self.me = ""

    def __getitem__(self, name: str) -> Any:
        if name == "me":
            return self.me
        if name == "nonce":
            return f"n_{secrets.token_hex(8)}"
        if name in self._stage.people:
            return self._stage.people[name].id
        if name not in self._made:
            self._made[name] = getattr(self, f"_{name}")()
        return self._made[name]

    def _room(self) -> str:
        people = self._stage.people
        owner = people["owner"]
        room = owner.group(people["admin"], people["member"], people["other"], people["former"])
        assert owner.patch(f"/rooms/{room}/members/{people['admin'].id}", {"role": "admin"}).status == 200
        self._made["seq"] = owner.say(room)["seq"]
        self._made["members"] = people["member"].say(room)["seq"]
        assert people["former"].delete(f"/rooms/{room}/members/{people['former'].id}").status == 204
        return room

    def _seq(self) -> int:
        self._made["room"] = self._room()
        return self._made["seq"]

    def _members(self) -> int:
        self._made["room"] = self._room()
        return self._made["members"]

    def _poll(self) -> int:
        """Of a member; the room is made with it, since `former` has left before it."""
        room = self["room"]
        data = {"question": "?", "options": ["one", "two"], "add_options": True}
        poll = self._stage.people["member"].send(room, "poll", data)
        self._made["option"] = poll["data"]["options"][0]["id"]
        return poll["seq"]

    def _event(self) -> int:
        """Of a member."""
        return self._stage.people["member"].send(self["room"], "event", {"name": "Picnic", "starts_at": IN_A_WEEK})["seq"]

    def _expiring(self) -> int:
        """Of a member, in a room where messages last for a day."""
        room = self["room"]
        assert self._stage.people["owner"].patch(f"/rooms/{room}", {"settings": LASTING}).status == 200
        return self._stage.people["member"].say(room)["seq"]

    def _kept(self) -> int:
        """Of a member, who keeps it."""
        seq = self["expiring"]
        assert self._stage.people["member"].put(f"/rooms/{self['room']}/messages/{seq}/keep").status == 200
        return seq

    def _sealed(self) -> int:
        """Of a member, to be opened once."""
        return self._stage.people["member"].say(self["room"], view_once=True)["seq"]

    def _live(self) -> int:
        """Of a member."""
        data = {"latitude": 1, "longitude": 2, "seconds": 900}
        return self._stage.people["member"].send(self["room"], "live_location", data)["seq"]

    def _option(self) -> str:
        self._made["poll"] = self._poll()
        return self._made["option"]

    def _cleared(self) -> str:
        """A room that everybody in it cleared a moment ago."""
        room = self._room()
        for name in ("owner", "admin", "member"):
            assert self._stage.people[name].post(f"/rooms/{room}/clear").status == 204
        return room

    def _reminded(self) -> int:
        owner = self._stage.people["owner"]
        seq = owner.say(self["room"])["seq"]
        assert owner.put(f"/rooms/{self['room']}/messages/{seq}/reminder", {"at": IN_A_WEEK}).status == 200
        return seq

    def _scheduled(self) -> str:
        """Of the owner."""
        body = {"client_id": self["nonce"], "text": "later"} | LATER
        return self._stage.people["owner"].post(f"/rooms/{self['room']}/scheduled", body).body["id"]

    def _export(self) -> str:
        """Of the owner, ready to be fetched; the ones before it make room."""
        owner = self._stage.people["owner"]
        for one in owner.get("/exports").body["items"][1:]:
            assert owner.delete(f"/exports/{one['id']}").status == 204
        export = owner.post(f"/rooms/{self['room']}/exports").body["id"]
        while owner.get(f"/exports/{export}").body["state"] != "ready":
            time.sleep(0.02)
        return export

    def _direct(self) -> str:
        room = self._stage.people["owner"].direct(self._stage.people["member"])
        self._stage.people["member"].say(room)
        return room

    def _strict(self) -> str:
        """A group that leaves to its admins what it can."""
        owner, admin = self._stage.people["owner"], self._stage.people["admin"]
        room = owner.group(admin, self._stage.people["member"])
        owner.say(room)
        owner.patch(f"/rooms/{room}/members/{admin.id}", {"role": "admin"})
        assert owner.patch(f"/rooms/{room}", {"settings": {"pin": "admins"}}).status == 200
        return room

    def _device(self) -> str:
        return self._stage.people["owner"].another_device().device_id

    def _contact(self) -> str:
        guest = self._stage.people["guest"]
        assert self._stage.people["owner"].put(f"/users/me/contacts/{guest.id}", {}).status == 200
        return guest.id

    def _blocked(self) -> str:
        assert self._stage.people["owner"].put(f"/users/me/blocks/{self['pest']}", {}).status == 200
        return self["pest"]

    def _guest_name(self) -> str:
        return self._stage.people["guest"].user["username"]


class Nowhere:
    """The same names for what does not exist, and a right answer where no id is asked for."""

    def __getitem__(self, name: str) -> Any:
        seqs = ("seq", "members", "reminded", "poll", "event", "live", "expiring", "kept", "sealed")
        return secrets.token_hex(8) if name == "nonce" else 1 if name in seqs else str(uuid.uuid4())


class Stage:
    """The people of the table, connected; and the scene that rows share which leave it as it is."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.people = {name: cast.person(name) for name in (*ROLES[:-1], "other", "guest", "nuisance", "pest")}
        self.shared = Scene(self)

    def scene(self, caller: Caller, *, fresh: bool = False) -> Scene:
        """The shared scene or a fresh one, as this caller sees it: `{me}` is themselves."""
        scene = Scene(self) if fresh else self.shared
        scene.me = caller.id if isinstance(caller, Person) else str(uuid.uuid4())
        return scene

    def caller(self, role: str, row: Row) -> Caller:
        if role == "signed out":
            return self.cast.stranger()
        return self.cast.person("newcomer") if row.newcomer else self.people[role]


@pytest.fixture(scope="module")
def stage(server: Server, contract: Contract) -> Iterator[Stage]:
    cast = Cast(server, contract)
    yield Stage(cast)
    cast.goodbye()


@pytest.mark.parametrize(("row", "role", "wire"), CASES)
def test_everybody_may_do_what_the_table_says_and_nothing_else(stage: Stage, row: Row, role: str, wire: str) -> None:
    caller, expected = stage.caller(role, row), row.expected[ROLES.index(role)]
    scene = stage.scene(caller, fresh=row.fresh and expected == "ok")
    outcome, _ = asked(caller, row, filled(row.payload, scene), wire)
    assert outcome == expected
    if row.newcomer and isinstance(caller, Person):
        caller.leave()


@pytest.mark.parametrize(("row", "role", "wire"), NOT_FOUND_CASES)
def test_who_may_not_know_of_it_cannot_tell_that_it_exists(stage: Stage, row: Row, role: str, wire: str) -> None:
    caller = stage.caller(role, row)
    existing = filled(row.payload, stage.scene(caller))
    # Whom a runner of a group looks for is unknown; the group itself stays.
    known = row.expected is RUNNERS_FIND_NOBODY and role in ("owner", "admin")
    unknown = filled(row.payload, Nowhere()) | ({"room_id": existing["room_id"]} if known else {})
    assert asked(caller, row, existing, wire) == asked(caller, row, unknown, wire)


@pytest.mark.parametrize("wire", ["REST", "socket"])
def test_sync_says_of_a_room_of_others_what_it_says_of_none(stage: Stage, wire: str) -> None:
    row = next(row for row in TABLE if row.event == "sync")
    seen = []
    for room in (stage.shared["room"], str(uuid.uuid4())):
        _, answer = asked(stage.people["stranger"], row, {"cursors": {room: 1}}, wire)
        assert answer["gone"] == [room]
        seen.append({**answer, "gone": []})
    assert seen[0] == seen[1]


def test_a_room_of_others_cannot_be_reached_through_the_pages_of_a_list(stage: Stage) -> None:
    room, stranger, member = stage.shared["room"], stage.people["stranger"], stage.people["member"]
    member.direct(member)
    assert room in {each["id"] for each in member.get("/rooms", limit=100).body["items"]}
    cursor = member.get("/rooms", limit=1).body["next"]
    assert room not in {each["id"] for each in stranger.get("/rooms", limit=100).body["items"]}
    assert room not in {each["id"] for each in stranger.get("/rooms", limit=100, cursor=cursor).body["items"]}


@pytest.mark.parametrize(
    "event", [handler.event for handler in catalogue.values() if handler.internal or handler.guard != "device"]
)
def test_what_sockets_do_not_serve_is_an_unknown_event_there(stage: Stage, event: str) -> None:
    said = []
    for asked_for in (event, "no:such"):
        with pytest.raises(Refused) as refused:
            live(stage.people["member"]).ask(asked_for, {})
        said.append(refused.value.error | {"request_id": ""})
    assert said[0]["code"] == "not_found"
    assert said[0] == said[1]


@pytest.mark.parametrize("auth", [None, {}, {"token": ""}, {"token": "x.y.z"}, {"token": 5}, "token"], ids=repr)
def test_a_socket_without_a_good_token_is_refused_with_the_error_object(stage: Stage, auth: Any) -> None:
    error = refused_connection(stage.cast.server, auth)
    assert (error["code"], error["status"]) == ("unauthenticated", 401)
    problem = stage.cast.contract.openapi["components"]["schemas"]["Problem"]
    assert set(problem["required"]) <= set(error) <= set(problem["properties"])


def test_the_table_has_a_row_for_everything_that_can_be_asked() -> None:
    rows = {row.event for row in TABLE}
    for handler in catalogue.values():
        told = f"{handler.event} has no row in tests/contract/test_permissions.py: say there who may ask it."
        assert handler.internal or handler.event in rows, told
    gone = rows - set(catalogue)
    assert not gone, f"{gone} stand in the table of tests/contract/test_permissions.py, and nothing handles them any more."


def test_the_table_has_a_row_for_every_documented_operation(contract: Contract) -> None:
    rows = {(row.event, row.method, f"/api/v1{row.path}") for row in TABLE}
    documented = {
        (operation["operationId"], method.upper(), path)
        for path, operations in contract.openapi["paths"].items()
        for method, operation in operations.items()
        if method in ("get", "put", "post", "patch", "delete")
    }
    missing, gone = documented - rows, rows - documented
    assert not missing, f"{missing} has no row in tests/contract/test_permissions.py: say there who may ask it."
    assert not gone, f"{gone} stands in the table of tests/contract/test_permissions.py, and no such operation is documented."


def asked(caller: Caller, row: Row, payload: dict[str, Any], wire: str) -> tuple[str, Any]:
    """(`ok` or the error's code, what was answered without the request's own id)."""
    if wire == "REST":
        answer = over_rest(caller, row, payload)
        told = answer.body
        outcome = "ok" if answer.status < 300 else answer.code
    else:
        outcome, told = over_the_socket(caller, row.event, payload)
    return str(outcome), {**told, "request_id": ""} if isinstance(told, dict) else told


def over_rest(caller: Caller, row: Row, payload: dict[str, Any]) -> Answer:
    path = row.path.format_map(payload)
    rest = {name: value for name, value in payload.items() if name not in row.in_path}
    if catalogue[row.event].guard == "refresh" and isinstance(caller, Person):
        return caller.call(row.method, path, rest, token=caller.session["refresh_token"])
    if row.method in ("GET", "DELETE"):
        return caller.call(row.method, path, params=rest)
    return caller.call(row.method, path, rest)


def over_the_socket(caller: Caller, event: str, payload: dict[str, Any]) -> tuple[str, Any]:
    if not isinstance(caller, Person):
        error = refused_connection(caller.server, {})
        return error["code"], error
    try:
        return "ok", live(caller).ask(event, payload)
    except Refused as refused:
        return refused.code, refused.error


def live(person: Person) -> Person:
    return person if person.socket else person.live()


def refused_connection(server: Server, auth: Any) -> dict[str, Any]:
    """The error object that a refused connection carries."""
    client = socketio.Client(reconnection=False)
    told: list[Any] = []
    client.on("connect_error", told.append, namespace=NAMESPACE)
    with pytest.raises(NotConnected):
        client.connect(server.url, namespaces=[NAMESPACE], auth=auth, transports=["websocket"])
    client.disconnect()
    return told[0]["data"]


def filled(template: Any, scene: Any) -> Any:
    """The template with its names replaced by what they stand for, whatever their type."""
    if isinstance(template, dict):
        return {filled(name, scene): filled(value, scene) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(each, scene) for each in template]
    name = re.fullmatch(r"{(\w+)}", template) if isinstance(template, str) else None
    return scene[name[1]] if name else template
