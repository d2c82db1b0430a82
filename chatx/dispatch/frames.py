"""What a call tells, encoded once for everybody who hears it."""

import orjson

from chatx import registry
from chatx.context import Context, Told
from chatx.services.live import Frame


def frames_of(ctx: Context) -> list[Frame]:
    """The changes in the order of their seq, then the signals; encoded inside the transaction, sent after it.

    Private feeds first: a person learns that a room is theirs before they hear what happens in it.
    """
    changes = sorted(ctx.changes, key=lambda told: registry.announcements[told.type].feed != "me")
    return [_change(told) for told in changes] + [
        Frame(signal.event, signal.audience, _encode(signal.event, signal.body)) for signal in ctx.signals
    ]


def _change(told: Told) -> Frame:
    # A private feed is called `me` by its one listener, and by their id among all feeds.
    feed = told.audience[0] if told.feed == "me" else told.feed
    return Frame(told.type, told.audience, _encode(told.type, told.envelope()), feed, told.seq)


def _encode(event: str, body: dict[str, object]) -> bytes:
    return orjson.dumps(registry.announcements[event].gives.dump(body))
