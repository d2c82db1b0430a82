"""Taking into the index what was said: after the commit, from each room's mark to its end, by whoever comes first.

Nothing else is written for it: what is missing is told by the rooms and their marks, however a process ended.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, case, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from chatx.extensions import db
from chatx.models.bulk import upsert_all
from chatx.models.content import Content
from chatx.models.membership import Membership
from chatx.models.message import Message, Place
from chatx.models.message_edit import MessageEdit
from chatx.models.part import at_places
from chatx.models.room import Room
from chatx.models.search.labels import SLICE
from chatx.models.search.tables import SearchEntry, SearchMark, SearchSlice
from chatx.models.version import Version

Range = tuple[str, int, int]  # (room id, after, up to)


def take_in(room_ids: Collection[str], most: int) -> list[str]:
    """Take what these rooms have beyond their marks into the index, at most so many seqs; the rooms that have more."""
    left: list[str] = []
    ranges: list[Range] = []
    for room_id, mark, last in _beyond_marks(room_ids):
        up_to = min(last, mark + most)
        most -= up_to - mark
        if up_to > mark:
            ranges.append((room_id, mark, up_to))
        if up_to < last:
            left.append(room_id)
    said = _said(ranges)
    _keep_slices(said)
    earlier = _earlier(said)
    standing = [message for message in said if message.deleted_at is None]
    SearchEntry.keep_all([SearchEntry.row(each, earlier.get((each.room_id, each.seq), ())) for each in standing])
    upsert_all(SearchMark, [{"room_id": room_id, "seq": up_to} for room_id, _, up_to in ranges], on=("room_id",))
    return left


def lagging(after: str, quiet_since: datetime, looked_at: int, most: int) -> tuple[list[str], str | None]:
    """Of so many rooms after this one those that have something beyond their marks; the last one looked at, None at the end."""
    last = db.session.scalar(select(Room.id).where(Room.id > after).order_by(Room.id).offset(looked_at - 1).limit(1))
    span = [Room.id > after, *([] if last is None else [Room.id <= last])]
    query = select(Room.id).outerjoin(SearchMark, SearchMark.room_id == Room.id).where(*span)
    query = query.where(Room.last_message_seq > func.coalesce(SearchMark.seq, 0), Room.active_at <= quiet_since)
    return list(db.session.scalars(query.order_by(Room.id).limit(most))), last


def _beyond_marks(room_ids: Collection[str]) -> Sequence[Row[str, int, int]]:
    """(room id, its mark, its last message), where there is something between them; marks locked, in one order everywhere.

    A seq that is told here has been committed, and with it all before it, so no message below it can come later.
    """
    if not room_ids:
        return []
    if db.engine.dialect.name == "postgresql":
        # What a crash takes from the index it takes from the marks too, so that no disk is waited for.
        db.session.execute(select(func.set_config("synchronous_commit", "off", True)))
    made = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    rows = [{"room_id": room_id, "seq": 0} for room_id in sorted(room_ids)]
    db.session.execute(made(SearchMark).values(rows).on_conflict_do_nothing())
    last = func.coalesce(Room.last_message_seq, 0)
    query = select(SearchMark.room_id, SearchMark.seq, last).join(Room, Room.id == SearchMark.room_id)
    query = query.where(SearchMark.room_id.in_(room_ids), last > SearchMark.seq).order_by(SearchMark.room_id)
    return db.session.execute(query.with_for_update(of=SearchMark)).all()


def _said(ranges: Iterable[Range]) -> Sequence[Any]:
    matches = [and_(Message.room_id == room_id, Message.seq > after, Message.seq <= up_to) for room_id, after, up_to in ranges]
    if not matches:
        return []
    what = (Message.sender_id, Message.type, Message.text, Message.data, Message.edited_at, Message.deleted_at)
    query = select(Message.room_id, Message.seq, Message.created_at, *what)
    return db.session.execute(query.where(or_(*matches))).all()


def _earlier(said: Sequence[Any]) -> dict[Place, set[int]]:
    """What these messages would have in the index as they were before they were changed, for those who still see them so."""
    types = {(each.room_id, each.seq): each.type for each in said}
    edited = [(each.room_id, each.seq) for each in said if each.edited_at is not None]
    changing = [place for place, its_type in types.items() if its_type in Content.known]
    away = Membership.where_some_were_away({room_id for room_id, _ in edited}) if edited else ()
    edited = [place for place in edited if place[0] in away]
    earlier: dict[Place, set[int]] = {}
    for edit in db.session.scalars(select(MessageEdit).where(at_places(MessageEdit, edited))) if edited else ():
        place = edit.room_id, edit.seq
        earlier.setdefault(place, set()).update(SearchEntry.content(types[place], edit.text, {}))
    for version in db.session.scalars(select(Version).where(at_places(Version, changing))) if changing else ():
        place = version.room_id, version.seq
        earlier.setdefault(place, set()).update(SearchEntry.content(types[place], None, version.data))
    return earlier


def _keep_slices(said: Iterable[Any]) -> None:
    """Widen the slices of these messages to the times when they were said."""
    times: dict[tuple[str, int], list[Any]] = {}
    for message in said:
        times.setdefault((message.room_id, message.seq // SLICE), []).append(message.created_at)
    rows = [
        {"room_id": room_id, "number": number, "first_at": min(at), "last_at": max(at)}
        for (room_id, number), at in sorted(times.items())
    ]
    if not rows:
        return
    made = (postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert)(SearchSlice)
    old, new = SearchSlice, made.excluded
    wider = {
        "first_at": case((new.first_at < old.first_at, new.first_at), else_=old.first_at),
        "last_at": case((new.last_at > old.last_at, new.last_at), else_=old.last_at),
    }
    db.session.execute(made.on_conflict_do_update(index_elements=["room_id", "number"], set_=wider), rows)
