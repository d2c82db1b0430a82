"""Live delivery: what was committed travels once, already encoded, to every process, and from there to its sockets.

Hints only: a frame that is lost on the way is found again by `sync`, so publishing never blocks or fails a committed call.
"""

import logging
import secrets
import threading
import time
from collections import deque
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
LARGEST_PIPELINE = 500
# Beyond it the oldest are forgotten here and found by sync: memory is bounded also while Redis hangs.
LONGEST_OUTBOX = 50_000

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
        self._outbox: deque[tuple[dict[str, Any], bytes]] = deque()
        self._publishes = False
        self._missed = False
        self._lock = threading.Lock()
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
        if redis.client is None:
            self._hear(head, data)
            return
        with self._lock:
            self._outbox.append((head, data))
            if len(self._outbox) > LONGEST_OUTBOX:
                self._outbox.popleft()
                self._missed = True
            starts, self._publishes = not self._publishes, True
        if starts:
            background.spawn(self._publish_all)

    def _publish_all(self) -> None:
        """Empty the outbox into Redis; what Redis does not take is heard here, and hinted at elsewhere when it is back."""
        while batch := self._next():
            try:
                assert redis.client is not None
                with redis.client.pipeline(transaction=False) as pipeline:
                    for head, data in batch:
                        pipeline.publish(CHANNEL, orjson.dumps(head) + b"\n" + data)
                    if self._missed:
                        pipeline.publish(CHANNEL, b'{"hint":true}\n')
                    pipeline.execute()
                self._missed = False
            except RedisError as error:
                self._missed = True
                log.warning("live: redis is lost, delivering here only", extra={"error": type(error).__name__})
                for head, data in batch:
                    self._hear(head, data)

    def _next(self) -> list[tuple[dict[str, Any], bytes]]:
        with self._lock:
            batch = [self._outbox.popleft() for _ in range(min(len(self._outbox), LARGEST_PIPELINE))]
            self._publishes = bool(batch)
            return batch

    def _hear(self, head: dict[str, Any], data: bytes) -> None:
        if "close" in head:
            self._listener.close(head["close"])
        elif "hint" in head:
            self._listener.hint()
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
