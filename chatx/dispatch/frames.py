"""What a call tells, encoded once for everybody who hears it."""

from collections.abc import Sequence
from typing import Any

import orjson

from chatx import registry
from chatx.context import Audience, Context, Forms, Signal, Told
from chatx.services.live import Frame
from chatx.services.live.news import room_channel, user_channel


def frames_of(ctx: Context) -> list[Frame]:
    """The changes in the order of their seq, then the signals; encoded inside the transaction, sent after it.

    Private feeds first: a person learns that a room is theirs before they hear what happens in it.
    """
    changes = sorted(ctx.changes, key=lambda told: registry.announcements[told.type].feed != "me")
    versions: set[tuple[str, int]] = set()
    return [_change(told, versions) for told in changes] + [_signal(signal) for signal in ctx.signals]


def _change(told: Told, versions: set[tuple[str, int]]) -> Frame:
    """versions: those that frames before this one have brought along."""
    audience = told.audience
    assert audience is not None
    version = (audience.feed_id, audience.version)
    changed = audience.changed and version not in versions
    versions.add(version)
    more = {"subject": told.subject or "", "changed": changed, "newcomers": _newcomers(told, audience)}
    return _frame(told.type, audience, told.envelope(), told.forms(), seq=told.seq, **more)


def _signal(signal: Signal) -> Frame:
    return _frame(signal.event, signal.audience, signal.body, signal.forms, but=signal.but)


def _newcomers(told: Told, audience: Audience) -> Sequence[str]:
    """Who comes in with it: its subject, or where it has none, everybody."""
    if not registry.announcements[told.type].welcomes:
        return ()
    return (told.subject,) if told.subject else audience.members


def _frame(event: str, audience: Audience, body: dict[str, Any], forms: Forms, **more: Any) -> Frame:
    channel = (user_channel if audience.private else room_channel)(audience.feed_id)
    others = [(people, _encoded(event, form)) for people, form in forms]
    return Frame(event, channel, audience.members, _encoded(event, body), version=audience.version, forms=others, **more)


def _encoded(event: str, body: dict[str, Any]) -> bytes:
    return orjson.dumps(registry.announcements[event].gives.dump(body))
