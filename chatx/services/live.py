"""Live delivery: what was committed travels once, already encoded, to every process, and from there to its sockets.

Hints only: a frame that is lost on the way is found again by `sync`, so publishing never fails a committed call.
"""

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Flask
from redis import RedisError

from chatx.extensions import background, redis
from chatx.services.sequence import InOrder

CHANNEL = "chatx:live"
LONGEST_WAIT = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Frame:
    """One event for these people: its data as JSON. feed, seq: its place among the durable changes; None: volatile."""

    event: str
    audience: Sequence[str]
    data: bytes
    feed: str | None = None
    seq: int = 0


class Listener:
    """What a process does with what it hears; `sockets/` is the one that listens."""

    def deliver(self, frame: Frame) -> None:
        """Copy the frame to the connections of its audience."""

    def close(self, device_id: str) -> None:
        """Close the connections of a device that was signed out."""

    def hint(self) -> None:
        """Tell every connection that it may have missed something."""


class Live:
    """publish and sign_out after a commit; `listen` once at the start of a process."""

    def init_app(self, app: Flask) -> None:
        self.listen_here(Listener())

    def listen_here(self, listener: Listener) -> None:
        """Deliver what this process publishes to this listener, feed by feed in order."""
        self._listener = listener
        self._in_order = InOrder(listener.deliver)  # type: ignore[arg-type]

    def listen(self, listener: Listener) -> None:
        """Deliver to this listener from now on; with Redis, also what other processes publish."""
        self.listen_here(listener)
        if redis.client is not None:
            background.spawn(self._follow)

    def publish(self, frames: Sequence[Frame]) -> None:
        """Send committed events; a frame for nobody goes nowhere."""
        for frame in frames:
            if frame.audience:
                head = {"event": frame.event, "audience": list(frame.audience), "feed": frame.feed, "seq": frame.seq}
                self._send(head, frame.data)

    def sign_out(self, device_ids: Sequence[str]) -> None:
        """Have the connections of these devices closed, wherever they are."""
        for device_id in device_ids:
            self._send({"close": device_id}, b"")

    def _send(self, head: dict[str, Any], data: bytes) -> None:
        if redis.client is not None:
            try:
                redis.client.publish(CHANNEL, orjson.dumps(head) + b"\n" + data)
                return
            except RedisError as error:
                log.warning("live: redis is lost, delivering here only", extra={"error": type(error).__name__})
        self._hear(head, data)

    def _hear(self, head: dict[str, Any], data: bytes) -> None:
        if "close" in head:
            self._listener.close(head["close"])
        else:
            self._in_order.hear(Frame(data=data, **head))

    def _follow(self) -> None:
        """Hear what all processes publish, this one included; come back after every loss and say so."""
        wait, lost = 0.1, False
        while True:
            try:
                assert redis.client is not None
                with redis.client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
                    channel.subscribe(CHANNEL)
                    if lost:
                        self._listener.hint()
                    wait, lost = 0.1, False
                    self._hear_all(channel.get_message)
            except (RedisError, OSError) as error:
                lost = True
                log.warning("live: redis is lost, trying again", extra={"error": type(error).__name__})
                time.sleep(wait * (0.5 + secrets.randbelow(500) / 1_000))
                wait = min(wait * 2, LONGEST_WAIT)

    def _hear_all(self, next_message: Callable[..., dict[str, bytes] | None]) -> None:
        while True:
            message = next_message(timeout=15)
            if message is not None:
                head, _, data = message["data"].partition(b"\n")
                self._hear(orjson.loads(head), data)


live = Live()
