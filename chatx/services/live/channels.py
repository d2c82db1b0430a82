"""Hearing: the channels of Redis that this process needs, subscribed while somebody here needs them, and again after a loss."""

import logging
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable

from redis import Redis, RedisError
from redis.client import PubSub

from chatx.services.live.news import EVERYBODY

LONGEST_PAUSE = 10.0
SETTLE_SECONDS = 1.0
# eventlet's word for two who write to one socket at once is a RuntimeError; the connection is of no use after it.
LOST = (RedisError, OSError, RuntimeError)

log = logging.getLogger(__name__)


class Channels:
    """want and drop channels, counted; `follow` hears them for ever.

    hear(data) gets every message; begin(channel) is called when it is heard from now on, and missed() when
    everything is, after some of it may have passed unheard.
    """

    def __init__(
        self,
        redis: "Redis",
        hear: Callable[[bytes], None],
        begin: Callable[[str], None],
        missed: Callable[[], None],
    ) -> None:
        self._redis = redis
        self._hear, self._begin_to_hear, self._missed_something = hear, begin, missed
        self._wanted: Counter[str] = Counter([EVERYBODY])
        self._lock = threading.Lock()
        self._subscribed: PubSub | None = None
        # Redis confirms in the order of asking, so that two counts tell what is confirmed.
        self._asked = self._confirmed = 0
        self._waiters: deque[tuple[int, threading.Event]] = deque()
        self._missed = False

    def want(self, channels: Iterable[str]) -> bool:
        """Hear these from now on; whether all of them are heard already. `settle` waits until they are."""
        with self._lock:
            new = [channel for channel in channels if self._count(channel, 1) == 1]
            if new and self._subscribed is not None:
                self._ask(self._subscribed, new)
            return self._asked == self._confirmed

    def drop(self, channels: Iterable[str]) -> None:
        """Hear these no longer, unless somebody else here wants them."""
        with self._lock:
            old = [channel for channel in channels if self._count(channel, -1) == 0]
            for channel in old:
                del self._wanted[channel]
            if old and self._subscribed is not None:
                self._tell(self._subscribed.unsubscribe, old)

    def settle(self) -> None:
        """Wait until everything wanted so far is heard; without Redis, or after a while, `missed` will be called instead."""
        with self._lock:
            if self._subscribed is None or self._asked == self._confirmed:
                return
            heard = threading.Event()
            self._waiters.append((self._asked, heard))
        if not heard.wait(SETTLE_SECONDS):
            self._missed = True

    def follow(self) -> None:
        """Hear what all processes publish, this one included; come back after every loss."""
        pause = 0.1
        while True:
            began = time.monotonic()
            try:
                with self._redis.pubsub() as subscribed:  # type: ignore[no-untyped-call]
                    self._begin(subscribed)
                    self._hear_all(subscribed)
            except LOST as error:
                self._lose()
                log.warning("live: redis is lost, trying again", extra={"error": type(error).__name__})
                pause = 0.1 if time.monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
                time.sleep(pause * (0.5 + secrets.randbelow(500) / 1_000))

    def _begin(self, subscribed: PubSub) -> None:
        with self._lock:
            self._asked = self._confirmed = 0
            self._ask(subscribed, list(self._wanted))
            self._subscribed = subscribed

    def _lose(self) -> None:
        with self._lock:
            self._subscribed, self._missed = None, True
            while self._waiters:
                self._waiters.popleft()[1].set()

    def _hear_all(self, subscribed: PubSub) -> None:
        while True:
            message = subscribed.get_message(timeout=15)
            if message is None:
                continue
            if message["type"] == "message":
                self._hear(message["data"])
            elif message["type"] == "subscribe":
                self._begin_to_hear(message["channel"].decode())
                self._confirm()

    def _confirm(self) -> None:
        self._confirmed += 1
        while self._waiters and self._waiters[0][0] <= self._confirmed:
            self._waiters.popleft()[1].set()
        if self._missed and self._confirmed == self._asked:
            self._missed = False
            self._missed_something()

    def _ask(self, subscribed: PubSub, channels: list[str]) -> None:
        self._asked += len(channels)
        self._tell(subscribed.subscribe, channels)

    def _tell(self, command: Callable[..., None], channels: list[str]) -> None:
        try:
            command(*channels)
        except LOST:
            # `follow` reads from the same connection: it notices, and asks for everything anew.
            return

    def _count(self, channel: str, step: int) -> int:
        self._wanted[channel] += step
        return self._wanted[channel]
