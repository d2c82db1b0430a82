"""What a call tells, encoded once for everybody who hears it."""

from typing import Any

import orjson

from chatx import registry
from chatx.context import Audience, Context, Told
from chatx.services.live import Frame
from chatx.services.live.news import room_channel, user_channel


def frames_of(ctx: Context) -> list[Frame]:
    """The changes in the order of their seq, then the signals; encoded inside the transaction, sent after it.

    Private feeds first: a person learns that a room is theirs before they hear what happens in it.
    """
    changes = sorted(ctx.changes, key=lambda told: registry.announcements[told.type].feed != "me")
    signals = [_frame(signal.event, signal.audience, signal.body, but=signal.but) for signal in ctx.signals]
    return [_change(told) for told in changes] + signals


def _change(told: Told) -> Frame:
    assert told.audience is not None
    return _frame(told.type, told.audience, told.envelope(), seq=told.seq, subject=told.subject or "")


def _frame(event: str, audience: Audience, body: dict[str, Any], **more: Any) -> Frame:
    channel = (user_channel if audience.private else room_channel)(audience.feed_id)
    data = orjson.dumps(registry.announcements[event].gives.dump(body))
    return Frame(event, channel, audience.members, data, version=audience.version, changed=audience.changed, **more)
