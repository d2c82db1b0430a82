"""Exports of chats: asked for, looked through by a worker piece by piece, fetched piece by piece, and gone after some hours."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from chatx import access
from chatx.context import Context, DueCall
from chatx.errors import ClientIdReused, Conflict, DeviceRevoked, NotFound
from chatx.models.base import new_id
from chatx.models.export import Export
from chatx.models.export_file import Piece, write
from chatx.models.room import Room
from chatx.models.submission import Submission
from chatx.models.timer import Setting, Timer
from chatx.models.user import User
from chatx.registry import announces, due, handles
from chatx.schemas.base import Nothing
from chatx.schemas.export import (
    CreatedExportOut,
    CreateExportIn,
    ExportIn,
    ExportListOut,
    ExportOut,
    ExportPieceOut,
    ExportsUpdated,
    ReadExportIn,
)
from chatx.schemas.export.file import FORMATS
from config import LIMITS

announces(ExportsUpdated)

PAUSE = timedelta(milliseconds=20)  # between two pieces: others have their turn, also on SQLite, where no query waits


@handles("export:create", takes=CreateExportIn, gives=CreatedExportOut, raises=(NotFound, Conflict, ClientIdReused))
def create(ctx: Context, room_id: str, format: str, client_id: str | None) -> Export:
    """Ask for a chat as a file, up to now; you are told when it is ready."""
    export_id = new_id()
    if client_id is not None:
        digest = Submission.digest_of("export:create", room_id, format)
        first = access.first_result(ctx.user_id, client_id, digest, claim=export_id)
        if first is not None:
            export = access.export_for(ctx.user_id, first)
            export.duplicate = True
            return export
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    stay = access.history_for(ctx.user_id, room_id)
    if Export.count(ctx.user_id) >= LIMITS["exports"]:
        raise Conflict(f"More than exports: {LIMITS['exports']}.")
    export = Export.begin(export_id, stay, Room.of(room_id).seq, format, ctx.now)
    Timer.set_all([Setting("export:build", export_id, ctx.now), Setting("export:expire", export_id, export.expires_at)])
    _tell(ctx, me, export_id, export)
    return export


@handles("export:get", takes=ExportIn, gives=ExportOut, reads=True, raises=(NotFound,))
def get(ctx: Context, export_id: str) -> Export:
    """Get how far an export of yours is."""
    return access.export_for(ctx.user_id, export_id)


@handles("export:list", takes=Nothing, gives=ExportListOut, reads=True)
def list_exports(ctx: Context) -> dict[str, Any]:
    """List your exports, the newest first."""
    return {"items": Export.of_person(ctx.user_id), "next": None}


@handles("export:remove", takes=ExportIn, raises=(NotFound,))
def remove(ctx: Context, export_id: str) -> None:
    """Remove an export of yours, ready or not."""
    for kind in ("export:build", "export:expire"):
        Timer.cancel(kind, export_id)
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    access.export_for(ctx.user_id, export_id).let_go()
    _tell(ctx, me, export_id, None)


@handles(
    "export:read",
    takes=ReadExportIn,
    gives=ExportPieceOut,
    reads=True,
    raises=(NotFound, Conflict, DeviceRevoked),
    bucket="export_pieces",
)
def read(ctx: Context, export_id: str, cursor: tuple[int, int] | None = None) -> dict[str, Any]:
    """Fetch the file of an export piece by piece, with what you may read of it now; over REST all of it at once."""
    # Asked each time: a device that is signed out meanwhile hears no more of it.
    access.device_of_token(ctx.user_id, ctx.device_id)
    export = access.export_for(ctx.user_id, export_id)
    if not export.ready:
        raise Conflict("The export is not ready yet.")
    after, said = cursor or (0, 0)
    file = FORMATS[export.format]
    piece = write(export, access.history_for(ctx.user_id, export.room_id), file, after, said)
    following = None if piece.next is None else (piece.next, said + piece.messages)
    return {"text": piece.text, "name": f"chat-{export.id}.{file.suffix}", "media_type": file.media_type, "next": following}


def look_through(calls: Sequence[DueCall]) -> list[Piece | None]:
    """The next piece of each export, which is counted and thrown away; None where its person may not read the room any more."""
    return [call.ctx.read(partial(_next_piece, call.key)) for call in calls]


@due("export:build", most=4, prepares=look_through)
def build(calls: Sequence[DueCall]) -> None:
    """Look through what an export will have in it, a piece at a time, and tell how far it is."""
    exports, people = _theirs(calls)
    for call in calls:
        export, piece = exports.get(call.key), call.prepared
        if export is None:
            continue
        me = people[export.user_id]
        if piece is None:
            Timer.cancel("export:expire", export.id)
            export.let_go()
            _tell(call.ctx, me, call.key, None)
        elif export.done_seq == piece.after:
            shows = export.go_on(piece.next or export.up_to_seq, piece.messages, len(piece.text.encode()))
            if not export.ready:
                Timer.set("export:build", export.id, call.ctx.now + PAUSE)
            if shows:
                _tell(call.ctx, me, export.id, export)


@due("export:expire", most=100)
def expire(calls: Sequence[DueCall]) -> None:
    """Remove exports whose hours are over."""
    exports, people = _theirs(calls)
    for call in calls:
        if export := exports.get(call.key):
            export.let_go()
            _tell(call.ctx, people[export.user_id], call.key, None)


def _theirs(calls: Sequence[DueCall]) -> tuple[dict[str, Export], dict[str, User]]:
    """The exports that these timers are about, and their people, whose feeds are locked before the exports are looked at."""
    keys = [call.key for call in calls]
    people = access.own_feeds(export.user_id for export in Export.by_ids(keys).values())
    return Export.by_ids(keys), people


def _next_piece(export_id: str) -> Piece | None:
    export = Export.of(export_id)
    if export is None:
        return None
    try:
        stay = access.history_for(export.user_id, export.room_id)
    except NotFound:
        return None
    return write(export, stay, FORMATS[export.format], export.done_seq, export.messages)


def _tell(ctx: Context, me: User, export_id: str, export: Export | None) -> None:
    ctx.change(me, "exports:updated", export_id, data={"export_id": export_id}, export=export)
