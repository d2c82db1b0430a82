"""PostgreSQL uses the index: no search reads through a table, whatever is looked for."""

from textwrap import dedent

from tests.support.backends import Postgres
from tests.support.patched import run_patched

SCRIPT = """
import itertools, re
from chatx.models.search.steps import LOWEST_ID
asked = []
words = [f"{a}{b}{c}" for a, b, c in itertools.product(("lake", "boat", "sail"), ("ing", "er", "s"), ("", "y", "o"))]
rooms = [room] + [ask(alice, "room:create", {"title": "x", "member_ids": [bob.user_id]})["id"] for _ in range(80)]
for number, each in enumerate(rooms):
    for turn in range(20 if number else 400):
        said = " ".join(words[(number * 7 + turn * k) % len(words)] for k in (1, 2, 3))
        ask(alice, "message:send", {"room_id": each, "client_id": f"{number}-{turn}", "text": said})
after = LOWEST_ID
while after is not None:
    after = ask(None, "search:index", {"after": after})
with app.app_context():
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    @event.listens_for(db.engine, "before_cursor_execute")
    def note(connection, cursor, statement, parameters, context, many):
        asked.append(cursor.mogrify(statement, parameters).decode())
for query in ({"q": "lake"}, {"q": "lakery boats"}, {"q": "nowhere"}, {"q": "湖"}, {"sender_id": bob.user_id}):
    for where in ({}, {"room_id": room}):
        ask(bob, "search", {**query, **where})
statements = list(asked)
of_index = [each for each in statements if "search_entries" in each]
assert len(of_index) >= 10
with app.app_context():
    connection = db.session.connection()
    for statement in statements:
        if "set_config" in statement:
            connection.exec_driver_sql(statement)
        if not re.search("search_entries|FROM messages", statement):
            continue
        plan = "\\n".join(row[0] for row in connection.exec_driver_sql("EXPLAIN " + statement.replace("%", "%%")))
        assert "Seq Scan on search_entries" not in plan and "Seq Scan on messages" not in plan, plan
        assert "search_entries" not in statement or "Index Scan on ix_search_entries_grams" in plan, plan
print(len(of_index))
"""


def test_every_search_asks_the_index(postgres: Postgres) -> None:
    url = postgres.new_database()
    assert int(run_patched(dedent(SCRIPT), url, people=True)) >= 10
    postgres.drop_database(url)
