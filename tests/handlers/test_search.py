"""Search: what a native reader would look for is found, in whatever script, and only what they may read now."""

import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chatx.models import HiddenRange, Message, Room, SearchEntry, SearchMark
from config import LIMITS
from tests.support.contract import Contract
from tests.support.database import connected, make_older
from tests.support.people import PATIENCE, Cast, Person, Refused
from tests.support.server import Server


def found(person: Person, q: str = "", **where: Any) -> list[str]:
    """The texts of the hits, the newest first."""
    answer = person.get("/search", **({"q": q} if q else {}), **where)
    assert answer.status == 200, answer.body
    return [hit["message"]["text"] for hit in answer.body["items"]]


def taken_in(person: Person, room: str) -> None:
    """Wait until all of the room is in the index."""
    lag = sa.select(Room.last_message_seq > SearchMark.seq).join(SearchMark, SearchMark.room_id == Room.id).where(Room.id == room)
    deadline = time.monotonic() + PATIENCE
    while True:
        with connected(person.server) as connection:
            if connection.scalar(lag) is False:
                return
        assert time.monotonic() < deadline, "nobody takes it into the index"
        time.sleep(0.05)


# What was said, what finds it, and what does not.
LIBRARY = {
    "English": (
        "Shall we meet at the lake on Saturday?",
        ["lake", "LAKE", "sat", "urda", "we", "lake meet", '"the lake"'],
        ["lakes"],
    ),
    "French": ("Déjà vu au café, garçon !", ["cafe", "café", "DEJA", "garcon", "çon"], ["cafés"]),
    "German": ("Die Straße führt über den Fluß", ["strasse", "STRASSE", "uber", "über", "fluss", "raß"], ["strase"]),
    "Polish": ("Jedziemy do Łodzi w środę", ["lodzi", "łodzi", "srode", "środę", "łódź"], ["łodzie"]),
    "Turkish": ("İstanbul'da ışık var", ["istanbul", "ISTANBUL", "isik", "ışık"], ["ankara"]),
    "Vietnamese": ("Chúng tôi ở Đà Nẵng", ["da nang", "Đà Nẵng", "chung toi", "nẵng"], ["hanoi"]),
    "Russian": ("Ёлка стоит у озера, мой друг", ["елка", "ёлка", "ОЗЕР", "зера", "мой"], ["мои"]),
    "Greek": ("Ο ναός είναι κοντά στη λίμνη", ["ναος", "ΝΑΌΣ", "λιμνη", "κοντα"], ["θάλασσα"]),
    "Arabic": ("أهلاً وسهلاً، المدرسة قرب البحيرة", ["اهلا", "أهلا", "مدرسه", "المدرسة", "بحير"], ["نهر"]),
    "Persian": ("کتاب من کنار دریاچه است", ["كتاب", "کتاب", "دریاچه", "درياچه"], ["ماشین"]),
    "Hebrew": ("שָׁלוֹם חברים, ניפגש באגם", ["שלום", "שָׁלוֹם", "אגם", "חבר"], ["ים"]),
    "Hindi": ("हम झील के किनारे क़लम लेकर मिलेंगे", ["झील", "किनारे", "कलम", "क़लम", "मिलें"], ["नदी"]),
    "Thai": ("เราจะพบกันที่ทะเลสาบวันเสาร์", ["ทะเลสาบ", "ทะเล", "วันเสาร์", "พบ", "เสา"], ["ภูเขา"]),
    "Chinese": ("我们星期六在湖边见面吧", ["湖", "湖边", "星期六", "见面", "湖 六", '"星期六在"'], ["海边", "边湖"]),
    "Japanese": ("土曜日に湖でラーメンを食べよう", ["湖", "土曜", "ラーメン", "らーめん", "ﾗｰﾒﾝ", "食べ"], ["月曜", "ら一めん"]),
    "Korean": ("토요일에 호수에서 만나요", ["호수", "토요일", "만", "호수 만나", "요일"], ["바다", "수호"]),
    "emoji": ("🎉🎂 party 👍🏽 ❤️", ["🎉", "🎂", "👍", "❤", "🎉🎂", "🎂 party"], ["🎈", "🎂🎉"]),
    "numbers": ("Room ٤٢, price 1 299,50 €", ["42", "٤٢", "299,50", "€", "29"], ["43"]),
    "signs": (
        "100% sure: f(x) = a_b * c++ && \"d\" | 'e' \\ !",
        ["100%", "a_b", "c++", "&&", "*", "\\", "(x)", '"d"', "|", "%"],
        ["axb", "%%"],
    ),
    "address": (
        "see https://example.com/a-b?c=d#e",
        ["https://example.com/a-b?c=d#e", "example.com", "exam", "?c=d"],
        ["example.org"],
    ),
}


@pytest.fixture(scope="module")
def library(server: Server, contract: Contract) -> Iterator[tuple[Person, str]]:
    """Somebody's notes with all of it, in the index."""
    cast = Cast(server, contract)
    librarian = cast.person("librarian")
    room = librarian.direct(librarian)
    for text, _, _ in LIBRARY.values():
        librarian.say(room, text)
    taken_in(librarian, room)
    yield librarian, room
    cast.goodbye()


@pytest.mark.parametrize("script", LIBRARY)
def test_a_native_reader_finds_it(library: tuple[Person, str], script: str) -> None:
    librarian, _ = library
    text, queries, others = LIBRARY[script]
    assert {q: found(librarian, q) for q in queries if text not in found(librarian, q)} == {}
    assert [q for q in others if text in found(librarian, q)] == []


def test_what_was_said_this_moment_is_found_too(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    for number in range(20):
        alice.say(room, f"the boat {number}")
        assert found(bob, "boat", limit=1) == [f"the boat {number}"]
    taken_in(alice, room)
    assert found(bob, "boat") == [f"the boat {number}" for number in reversed(range(20))]


def test_a_hit_is_the_message_and_says_what_to_highlight(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    first = alice.say(room, "who has a boat?")
    reply = bob.say(room, "🚣 BOAT, two boats, and a café", reply_to_seq=first["seq"], mentions=[alice.id])
    query = {"q": "cafe boat two", "room_id": room, "limit": 5}
    answer = alice.get("/search", **query).body
    assert answer == {"items": [{"message": reply, "highlights": answer["items"][0]["highlights"]}], "next": None}
    units = reply["text"].encode("utf-16-le")
    shown = [units[2 * span["start"] : 2 * span["end"]].decode("utf-16-le") for span in answer["items"][0]["highlights"]]
    assert shown == ["BOAT", "two", "boat", "café"]
    assert alice.ask("search", query) == answer
    assert alice.get("/search", sender_id=bob.id).body["items"] == [{"message": reply, "highlights": []}]


@pytest.mark.parametrize("already", [True, False], ids=["in the index", "just said"])
def test_it_can_be_narrowed_to_a_room_a_person_a_type_and_a_time(already: bool, alice: Person, bob: Person) -> None:
    group, direct = alice.group(bob), alice.direct(bob)
    said = [who.say(room, f"boat {place}") for place, (who, room) in enumerate([(alice, group), (bob, group), (bob, direct)])]
    for room in (group, direct) if already else ():
        taken_in(alice, room)
    for message, hours in zip(said, (48, 24, 0), strict=True):
        make_older(alice.server, message["room_id"], message["seq"], hours * 3_600)
    yesterday = datetime.fromisoformat(said[1]["created_at"]) - timedelta(hours=24)
    at = yesterday.isoformat().replace("+00:00", "Z")
    assert found(alice, "boat") == ["boat 2", "boat 1", "boat 0"]
    assert found(alice, "boat", room_id=group) == ["boat 1", "boat 0"]
    assert found(alice, "boat", sender_id=bob.id) == ["boat 2", "boat 1"]
    assert found(alice, sender_id=alice.id) == ["boat 0"]
    assert found(alice, "boat", type="text", room_id=direct) == ["boat 2"]
    assert found(alice, "boat", type="image") == []
    assert found(alice, "boat", after=at) == ["boat 2", "boat 1"]
    assert found(alice, "boat", before=at) == ["boat 0"]
    assert found(alice, "boat", before=at, after=at) == []
    assert found(alice, "boat", sender_id=str(uuid.uuid4())) == []


def test_what_merely_happened_is_listed_only_where_it_is_asked_for(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    assert alice.patch(f"/rooms/{room}", {"title": "Boats"}).status == 200
    alice.say(room, "the boat")
    for _ in range(2):
        assert found(bob, sender_id=alice.id) == ["the boat"]
        assert found(bob, type="system", room_id=room) == [None]
        assert found(bob, "boats") == found(bob, "updated") == []
        taken_in(alice, room)


def test_pages_are_stable_while_people_go_on_talking(alice: Person, bob: Person) -> None:
    rooms = [alice.direct(bob), alice.group(bob)]
    said = [alice.say(rooms[number % 2], f"boat {number}")["text"] for number in range(23)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = bob.get("/search", q="boat", limit=5, **cursor).body
        seen += [hit["message"]["text"] for hit in page["items"]]
        alice.say(rooms[0], "one more boat")
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == said[::-1]


def test_a_stranger_finds_nothing(alice: Person, bob: Person, mallory: Person) -> None:
    room = alice.direct(bob)
    alice.say(room, "the secret boat")
    assert found(mallory, "secret") == []
    assert mallory.get("/search", q="secret", room_id=room).code == "not_found"
    with pytest.raises(Refused, match="not_found"):
        mallory.ask("room:media", {"room_id": room, "kind": "links"})


@pytest.mark.parametrize("indexed", [False, True], ids=["just said", "in the index"])
def test_who_was_away_finds_what_they_were_there_for(alice: Person, bob: Person, indexed: bool) -> None:
    room = alice.group(bob)
    alice.say(room, "boat one")
    assert alice.delete(f"/rooms/{room}/members/{bob.id}").status == 204
    alice.say(room, "boat two")
    if indexed:
        taken_in(alice, room)
    assert found(bob, "boat") == found(bob, "boat", room_id=room) == ["boat one"]
    alice.post(f"/rooms/{room}/members", {"user_ids": [bob.id]})
    alice.say(room, "boat three")
    assert found(bob, "boat") == ["boat three", "boat one"]
    assert found(alice, "boat") == ["boat three", "boat two", "boat one"]


@pytest.mark.parametrize("indexed", [False, True], ids=["just said", "in the index"])
def test_who_did_not_hear_of_an_edit_finds_the_words_that_they_know(alice: Person, bob: Person, indexed: bool) -> None:
    room = alice.group(bob)
    message = alice.say(room, "the boat https://boat.example")
    if indexed:
        taken_in(alice, room)
    assert alice.delete(f"/rooms/{room}/members/{bob.id}").status == 204
    assert alice.patch(f"/rooms/{room}/messages/{message['seq']}", {"text": "the raft"}).status == 200
    for _ in range(2):
        assert found(bob, "boat") == ["the boat https://boat.example"]
        assert found(alice, "raft") == ["the raft"]
        assert found(bob, "raft") == found(alice, "boat") == []
        assert len(bob.get(f"/rooms/{room}/media", kind="links").body["items"]) == 1
        assert alice.get(f"/rooms/{room}/media", kind="links").body["items"] == []
        taken_in(alice, room)


def test_what_is_read_of_a_poll_a_place_or_a_person_is_found(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    poll = {"question": "Où aller ?", "options": ["à la plage", "en forêt"], "add_options": True}
    asked = alice.send(room, "poll", poll)
    place = {"name": "Boathouse", "address": "Quay 7", "latitude": 1.5, "longitude": 2.5}
    alice.send(room, "location", place, text="come here")
    alice.send(room, "contact", {"contacts": [{"display_name": "Zoë", "phones": ["+49 30 1234"]}]})
    assert bob.post(f"/rooms/{room}/messages/{asked['seq']}/options", {"text": "au musée"}).status in (200, 201)

    def types(q: str) -> list[str]:
        return [hit["message"]["type"] for hit in bob.get("/search", q=q).body["items"]]

    for _ in range(2):
        assert types("ou aller") == types("foret plage") == types("musee") == ["poll"]
        assert types("boathouse") == types("quay come") == ["location"]
        assert types("zoe") == types("+49 30 1234") == ["contact"]
        assert types("latitude") == types("01a2") == []
        hit = bob.get("/search", q="come boathouse").body["items"][0]
        assert hit["highlights"] == [{"start": 0, "end": 4}]
        taken_in(alice, room)


@pytest.mark.parametrize("indexed", [False, True], ids=["just said", "in the index"])
def test_what_a_blocked_person_says_is_not_found_also_not_later(alice: Person, bob: Person, indexed: bool) -> None:
    room = alice.direct(bob)
    bob.say(room, "boat one")
    alice.put(f"/users/me/blocks/{bob.id}")
    bob.say(room, "boat two")
    if indexed:
        taken_in(bob, room)
    assert found(alice, "boat") == ["boat one"]
    assert found(bob, "boat") == ["boat two", "boat one"]
    alice.delete(f"/users/me/blocks/{bob.id}")
    bob.say(room, "boat three")
    assert found(alice, "boat") == ["boat three", "boat one"]


@pytest.mark.parametrize("indexed", [False, True], ids=["just said", "in the index"])
def test_what_is_deleted_edited_or_hidden_is_not_found(alice: Person, bob: Person, indexed: bool) -> None:
    room = alice.direct(bob)
    deleted, edited, hidden = (alice.say(room, text) for text in ("old boat", "old canoe https://old.example", "old raft"))
    alice.say(room, "old harbour")
    if indexed:
        taken_in(alice, room)
    assert alice.delete(f"/rooms/{room}/messages/{deleted['seq']}?scope=all").status == 204
    assert alice.patch(f"/rooms/{room}/messages/{edited['seq']}", {"text": "new kayak"}).status == 200
    with connected(alice.server) as connection:
        row = {"room_id": room, "user_id": bob.id, "low": hidden["seq"], "high": hidden["seq"]}
        connection.execute(sa.insert(HiddenRange).values(row))
    for _ in range(2):
        assert found(alice, "boat") == found(bob, "boat") == found(bob, "canoe") == found(bob, "raft") == []
        assert found(bob, "kayak") == ["new kayak"]
        assert found(alice, "old") == ["old harbour", "old raft"]
        assert found(bob, "old") == ["old harbour"]
        assert bob.get(f"/rooms/{room}/media", kind="links").body["items"] == []
        taken_in(alice, room)
    with connected(alice.server) as connection:
        kept = connection.scalars(sa.select(SearchEntry.seq).where(SearchEntry.room_id == room)).all()
        assert sorted(kept) == [edited["seq"], hidden["seq"], hidden["seq"] + 1]


def test_links_media_and_files_of_a_room_are_listed(alice: Person, bob: Person) -> None:
    room, other = alice.direct(bob), alice.group(bob)
    said = [alice.say(room, text) for text in ("no link", "see https://example.com", "WWW.EXAMPLE.ORG too", "http://x", "www")]
    alice.say(other, "https://elsewhere.example")
    pictures = [alice.say(room, f"picture {number}") for number in range(3)]
    taken_in(alice, room)
    with connected(alice.server) as connection:
        for message, kind in zip(pictures, ("image", "video", "file"), strict=True):
            place = sa.and_(Message.room_id == room, Message.seq == message["seq"])
            connection.execute(sa.update(Message).where(place).values(type=kind))
        # As it would be if they had been sent so, and nothing were in the index yet.
        connection.execute(sa.delete(SearchEntry).where(SearchEntry.room_id == room))
        connection.execute(sa.update(SearchMark).where(SearchMark.room_id == room).values(seq=0))

    def seqs(kind: str, **page: Any) -> list[int]:
        return [message["seq"] for message in bob.get(f"/rooms/{room}/media", kind=kind, **page).body["items"]]

    for _ in range(2):
        assert seqs("links") == [said[3]["seq"], said[2]["seq"], said[1]["seq"]]
        page = bob.get(f"/rooms/{room}/media", kind="links", limit=2).body
        assert seqs("links", limit=2, cursor=page["next"]) == [said[1]["seq"]]
        assert seqs("media") == [pictures[1]["seq"], pictures[0]["seq"]]
        assert bob.ask("room:media", {"room_id": room, "kind": "files"})["items"][0]["seq"] == pictures[2]["seq"]
        assert found(bob, "picture", type="video") == ["picture 1"]
        alice.say(room, "and that is all")
        taken_in(alice, room)


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ({}, "q", "Say what to look for: q, sender_id or type."),
        ({"q": "  "}, "q", "Say what to look for: q, sender_id or type."),
        ({"q": "\u200b"}, "q", "There is nothing in it that could be found."),
        ({"q": "x" * 257}, "q", f"Longer than search_query_characters: {LIMITS['search_query_characters']}."),
        ({"q": " ".join(f"w{number}" for number in range(17))}, "q", f"More than search_terms: {LIMITS['search_terms']}."),
        ({"q": "x", "type": "deleted"}, "type", None),
        ({"q": "x", "before": "yesterday"}, "before", None),
        ({"q": "x", "cursor": "WzEsMl0"}, "cursor", "Not a cursor of this list."),
        ({"q": "x", "room_id": "lobby"}, "room_id", None),
        ({"q": "x", "limit": 101}, "limit", None),
    ],
    ids=str,
)
def test_what_cannot_be_looked_for_is_refused_by_name(
    alice: Person, query: dict[str, Any], field: str, sentence: str | None
) -> None:
    answer = alice.get("/search", **query)
    assert (answer.status, answer.code, list(answer.body["fields"])) == (422, "validation_failed", [field])
    assert sentence is None or answer.body["fields"][field] == [sentence]


def test_times_and_cursors_at_the_ends_of_the_calendar_find_nothing(alice: Person, bob: Person) -> None:
    alice.say(alice.direct(bob), "boat")
    for when in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"):
        assert found(alice, "boat", before=when) == (["boat"] if when > "2" else [])
        assert found(alice, "boat", after=when) == (["boat"] if when < "2" else [])
