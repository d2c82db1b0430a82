"""Many messages whose time is over in one moment, while others go on to talk: how late they are gone, and what it costs the rest.

The server has Redis and one worker in a process of its own, as in production; all of them share the cores. The sends are
counted in the database, by the moment at which each was said: in the seconds before, and until all is gone.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2

from bench import machine
from bench.plans import Cast, Plan, apart
from bench.processes import BENCH, Failed, generator, share_cores
from bench.servers import asked, chatx_environment, chatx_serves, database, postgres, redis, seed, worker
from tests.support.backends import Postgres

TALKING = 50  # rooms of two, as in 50x2f4
BEFORE, AFTER, START = timedelta(seconds=6), timedelta(seconds=14), timedelta(seconds=24)  # around the moment; ready in
LONGEST = timedelta(seconds=60)
LOOK = 0.5
MOMENT = timedelta(milliseconds=15)

FILL = """
INSERT INTO messages
    (room_id, seq, id, sender_id, client_id, type, text, data, mentions, forward_score, created_at, expires_at)
SELECT rooms.id, seq + place, gen_random_uuid(), created_by, 'passing-' || place, 'text', repeat('said before ', 5), '{}', '[]',
    0, %(due_at)s - interval '1 day', %(due_at)s + place * interval '1 ms' / %(each)s
FROM rooms, generate_series(1, %(each)s) AS place WHERE rooms.id = ANY(%(rooms)s::uuid[]);
INSERT INTO timers (id, kind, key, due_at, data, attempts)
SELECT gen_random_uuid(), 'message:expire', id, %(due_at)s, '{}', 0 FROM rooms WHERE id = ANY(%(rooms)s::uuid[]);
UPDATE rooms SET seq = seq + %(each)s, last_message_seq = seq + %(each)s, next_expiry_at = %(due_at)s,
    settings = '{"expire_seconds": 86400}', members_version = members_version + 1 WHERE id = ANY(%(rooms)s::uuid[])
"""
LEFT = "SELECT EXISTS (SELECT FROM messages WHERE room_id = ANY(%s::uuid[]) AND expires_at IS NOT NULL)"
SAID = "SELECT count(*) FROM messages WHERE room_id = ANY(%s::uuid[]) AND created_at >= %s AND created_at < %s"
CHANGES = "SELECT at, json_array_length(data -> 'seqs') FROM changes WHERE type = 'message:expired' ORDER BY at"


def main() -> None:
    options = _options()
    share_cores()
    try:
        with postgres() as server:
            loads = {"as many as can be": 0, f"{options.rate} sends a second": options.rate}
            runs = {load: run(server, options.messages, options.rooms, rate) for load, rate in loads.items()}
            figures = {"machine": machine.described(server), "runs": runs}
    except Failed as failure:
        sys.exit(str(failure))
    results = BENCH / "results"
    results.mkdir(exist_ok=True)
    (results / "expiry.json").write_text(json.dumps(figures, indent=2) + "\n")
    for load, measured in runs.items():
        print(f"{load}: " + "  ".join(f"{name} {value}" for name, value in measured.items()))


def run(server: Postgres, messages: int, rooms: int, rate: int) -> dict[str, Any]:
    """Serve, talk at this rate (0: as fast as can be), let the messages expire, and see."""
    talking = apart(TALKING, 2)
    plan = Plan(talking.people, talking.rooms + [[number % 98, number % 98 + 1, number % 98 + 2] for number in range(rooms)])
    with database(server) as url, redis() as redis_url:
        environ = chatx_environment(url) | {"CHATX_REDIS_URL": redis_url, "CHATX_WORKER": "off"}
        cast = seed(environ, plan)
        passing = [room["id"] for room in cast["rooms"][TALKING:]]
        due_at = _filled(url, passing, messages // rooms)
        with chatx_serves(environ, cast) as serving, worker(environ):
            scenario = {
                "mode": "chat",
                "url": serving.url,
                "cast": _only(cast, TALKING),
                "inflight": 4,
                "rate": rate,
                "warmup": 1,
            }
            seconds = (due_at + AFTER - datetime.now(UTC)).total_seconds()
            if seconds < (AFTER + BEFORE).total_seconds() + 1:
                raise Failed("The server was not ready in time: the messages were due before the load could be measured.")
            with generator(scenario | {"seconds": seconds - 1}, longest=seconds + 60) as load:
                gone = _all_gone(url, passing, due_at)
                measured = load.says()
        return _figures(url, [room["id"] for room in cast["rooms"][:TALKING]], due_at, gone) | {"lost": measured["lost"]}


def _filled(url: str, rooms: Sequence[str], each: int) -> datetime:
    """When all of it is due, which was said a day before that."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        due_at = datetime.now(UTC) + START
        cursor.execute(FILL, {"rooms": list(rooms), "each": each, "due_at": due_at})
    connection.close()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    connection.cursor().execute("VACUUM ANALYZE")
    connection.close()
    return due_at


def _only(cast: Cast, rooms: int) -> Cast:
    """Those who talk, and where."""
    people = [person | {"rooms": [room for room in person["rooms"] if room < rooms]} for person in cast["people"]]
    return {"people": people, "rooms": cast["rooms"][:rooms]}


def _all_gone(url: str, rooms: Sequence[str], due_at: datetime) -> datetime:
    """When nothing was left any more. It is asked seldom, since asking takes from what is measured."""
    time.sleep((due_at - datetime.now(UTC)).total_seconds())
    while asked(url, LEFT, list(rooms)):
        if datetime.now(UTC) > due_at + LONGEST:
            raise Failed(f"After {LONGEST} some messages are left.")
        time.sleep(LOOK)
    return datetime.now(UTC)


def _figures(url: str, talking: Sequence[str], due_at: datetime, gone: datetime) -> dict[str, Any]:
    """A batch is gone at the latest when the next one begins, and the last one when nothing was left."""
    batches = _batches(url)
    ends = [at for at, _ in batches[1:]] + [gone]
    late = [(end - due_at).total_seconds() for end, (_, number) in zip(ends, batches, strict=True) for _ in range(number)]

    def rate(begin: datetime, end: datetime) -> float:
        return asked(url, SAID, list(talking), begin, end) / (end - begin).total_seconds()

    usual, meanwhile = rate(due_at - BEFORE, due_at), rate(due_at, due_at + timedelta(seconds=late[-1]))
    lateness = {f"late_p{percent}_s": round(late[len(late) * percent // 100 - 1], 2) for percent in (50, 99, 100)}
    rates = {"usual_sends_per_s": round(usual), "sends_meanwhile_per_s": round(meanwhile), "share": round(meanwhile / usual, 2)}
    return {"gone": len(late), "batches": len(batches), **lateness, **rates}


def _batches(url: str) -> list[tuple[datetime, int]]:
    """When each batch began, and how many messages it emptied. Changes of one batch are written within a moment."""
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute(CHANGES)
        changes = cursor.fetchall()
    connection.close()
    batches: list[tuple[datetime, int]] = []
    for at, number in changes:
        if batches and at < batches[-1][0] + MOMENT:
            batches[-1] = (batches[-1][0], batches[-1][1] + number)
        else:
            batches.append((at, number))
    return batches


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.expiry", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rooms", type=int, default=1_000)
    parser.add_argument("--rate", type=int, default=4_000, help="sends a second of the second run, which the server can well do")
    return parser.parse_args()


if __name__ == "__main__":
    main()
