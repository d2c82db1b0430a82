"""Fills a Chat-X database: a plan comes on stdin, the cast with its tokens goes to stdout. Runs in the server's environment.

People are inserted in bulk with one password hash; rooms are made and read through the application's own door, and stored
messages are copies of one that it wrote, so that the data is what the application would have written, whatever its schema.
"""

import io
import json
import sys
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import insert, select, text

from bench.corpus import texts
from chatx import create_app
from chatx.context import Actor, Context
from chatx.dispatch import dispatch
from chatx.extensions import db
from chatx.models import Device, Message, Room, Submission, User
from chatx.models.base import new_id
from chatx.models.search.steps import LOWEST_ID
from chatx.services import tokens
from chatx.services.passwords import passwords

TEXT = "A message that was said before the load, as long as the rest"
AT_ONCE = 2_000
SHARE_OF_THE_LARGEST = 2  # half of what is stored stands in the first room


def main() -> None:
    plan = json.load(sys.stdin)
    with create_app().app_context():
        upgrade()
        people = _people(plan["people"])
        rooms = [_room([people[member] for member in members], plan["said"]) for members in plan["rooms"]]
        if plan["stored"]:
            _store(rooms, plan["rooms"], people, plan["stored"])
            _index()
        db.session.commit()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        accesses = [tokens.issue(actor.user_id, actor.device_id, new_id())[0] for actor in people]
    of_people = [{"id": actor.user_id, "token": token} for actor, token in zip(people, accesses, strict=True)]
    of_rooms = [{"id": room, "members": members} for room, members in zip(rooms, plan["rooms"], strict=True)]
    json.dump({"people": of_people, "rooms": of_rooms}, sys.stdout)


def _people(number: int) -> list[Actor]:
    now, hashed = Context(None).now, passwords.hash("correct horse battery")
    actors = [Actor(new_id(), new_id()) for _ in range(number)]
    users: list[dict[str, Any]] = [
        {"id": actor.user_id, "username": f"person{index}", "display_name": f"Person {index}"}
        for index, actor in enumerate(actors)
    ]
    devices = [{"id": actor.device_id, "user_id": actor.user_id, "name": "bench"} for actor in actors]
    db.session.execute(insert(User), [user | {"password_hash": hashed, "created_at": now} for user in users])
    db.session.execute(insert(Device), [device | {"created_at": now, "last_seen_at": now} for device in devices])
    db.session.commit()
    return actors


def _room(members: list[Actor], said: int) -> str:
    first, *others = members
    if len(others) == 1:
        room_id = dispatch("room:direct", first, {"user_id": others[0].user_id})["id"]
    else:
        asked = {"title": "Bench", "member_ids": [other.user_id for other in others]}
        room_id = dispatch("room:create", first, asked)["id"]
    for number in range(said):
        dispatch("message:send", first, {"room_id": room_id, "client_id": f"{room_id[-12:]}-{number}", "text": TEXT})
    return str(room_id)


def _store(rooms: list[str], members: list[list[int]], people: list[Actor], stored: int) -> None:
    """Half of the messages in the first room, the rest spread over the others; person 0 has read them all."""
    largest = stored // SHARE_OF_THE_LARGEST
    sizes = [largest, *[(stored - largest) // (len(rooms) - 1)] * (len(rooms) - 1)]
    for number, (room_id, its_members, size) in enumerate(zip(rooms, members, sizes, strict=True)):
        sender = people[its_members[0]]
        dispatch("message:send", sender, {"room_id": room_id, "client_id": f"{room_id[-12:]}-first", "text": TEXT})
        _say(size - 1, number)
        _copy_last(room_id, sender.user_id, size - 1)
        db.session.commit()
        dispatch("receipt:read", people[0], {"room_id": room_id, "seq": _seq(room_id)})


def _seq(room_id: str) -> int:
    return db.session.scalars(select(Room.seq).where(Room.id == room_id)).one()


def _say(times: int, seed: int) -> None:
    """What the copies say: each something else, spread over the last year, so that all rooms are talked in side by side."""
    db.session.execute(text("CREATE TEMPORARY TABLE said (number bigint, words text) ON COMMIT DROP"))
    lines = "".join(f"{number}\t{words}\n" for number, words in enumerate(texts(times, seed), start=1))
    with db.session.connection().connection.cursor() as cursor:
        cursor.copy_expert("COPY said FROM STDIN", io.StringIO(lines))


def _index() -> None:
    """Take it into the search, as the server would soon after each message."""
    after: str | None = LOWEST_ID
    while after is not None:
        after = dispatch("search:index", None, {"after": after, "seqs": AT_ONCE})


def _copy_last(room_id: str, sender_id: str, times: int) -> None:
    """Copy the room's last message, and the note of its submission, to the `times` places after it."""
    last = _seq(room_id)
    _copy(
        Message,
        "room_id = :room AND seq = :last",
        {"seq": "place", "id": "gen_random_uuid()", "client_id": ":mark || place", "text": "words", "created_at": "at"},
        bound := {"room": room_id, "last": last, "mark": f"{room_id[-12:]}-", "end": last + times, "times": times},
    )
    copied = {"client_id": ":mark || place", "subject": "CAST(:room AS text) || ':' || place"}
    _copy(Submission, "user_id = :sender AND client_id = :mark || 'first'", copied, bound | {"sender": sender_id})
    db.session.execute(text("UPDATE rooms SET seq = :end, last_message_seq = :end, active_at = now() WHERE id = :room"), bound)


def _copy(model: Any, which: str, changed: dict[str, str], bound: dict[str, Any]) -> None:
    columns = model.__table__.columns.keys()
    values = ", ".join(changed.get(name, name) for name in columns)
    at = "date_trunc('milliseconds', now() - interval '365 days' * (1 - number / CAST(:times AS float)))"
    places = f"(SELECT CAST(:last AS bigint) + number AS place, words, {at} AS at FROM said) AS places"
    table, names = model.__tablename__, ", ".join(columns)
    db.session.execute(text(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table}, {places} WHERE {which}"), bound)


if __name__ == "__main__":
    main()
