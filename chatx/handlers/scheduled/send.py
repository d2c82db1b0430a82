"""Saying what was scheduled: by the handler of `message:send`, as if its author asked for it at that moment."""

from collections.abc import Sequence
from typing import Any

from chatx import access
from chatx.context import BatchCall, DueCall
from chatx.errors import ChatError, ValidationFailed
from chatx.models.scheduled import KIND, Scheduled, key_of
from chatx.registry import announces, catalogue, due
from chatx.schemas.scheduled import ScheduledSent

announces(ScheduledSent)


@due(KIND, most=100)
def send_scheduled(calls: Sequence[DueCall]) -> None:
    """Say what people have scheduled, as far as it stands and they may say it now; what they may not stays, with the reason."""
    rows = Scheduled.locked(key_of(call.key)[1] for call in calls)
    ripe = [(call, row) for call in calls if (row := rows.get(key_of(call.key)[1])) and _is_ripe(row, call)]
    answers = _said(ripe)
    people = access.own_feeds(row.user_id for _, row in ripe)
    for call, row in ripe:
        answer = answers[row.id]
        if isinstance(answer, ChatError):
            row.refusal = answer.problem("")
            about = {"scheduled_id": row.id}
            call.ctx.change(people[row.user_id], "scheduled:updated", row.id, data=about, scheduled=row.shown)
        else:
            row.let_go()
            sent = {"scheduled_id": row.id, "room_id": row.room_id, "message_seq": answer.seq}
            call.ctx.change(people[row.user_id], "scheduled:sent", row.id, data=sent)


def _is_ripe(row: Scheduled, call: DueCall) -> bool:
    """It may have been moved when a worker had its timer already."""
    return row.refusal is None and row.at <= call.ctx.now


def _said(ripe: Sequence[tuple[DueCall, Scheduled]]) -> dict[str, Any]:
    """What became of each, by id: a message, or an error. An older release may have taken what this one does not."""
    sending = catalogue["message:send"]
    answers: dict[str, Any] = {}
    asked: dict[str, BatchCall] = {}
    for call, row in ripe:
        try:
            asked[row.id] = BatchCall(call.ctx.on_behalf_of(row.user_id), sending.validated(row.asked()))
        except ValidationFailed as error:
            answers[row.id] = error
    return answers | dict(zip(asked, sending.run(list(asked.values())) if asked else (), strict=True))
