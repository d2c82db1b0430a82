"""Named rates. What addresses and accounts may is counted for all processes, in Redis where there is one, with the `limits`
library; what a device may, by the process that it is connected to.
"""

import math
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from limits import RateLimitItem, parse, storage, strategies
from redis import RedisError

from chatx.errors import RateLimited
from chatx.services.buckets import Buckets
from chatx.services.metrics import metrics
from config import DEVICE_RATES, RATES

ASK_AGAIN_SECONDS = 2.0
TIMEOUTS: dict[str, Any] = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25}


class Limits:
    """spend: count one call, or refuse it; refuse and count: the two apart, where only failures count."""

    def init_app(self, app: Flask) -> None:
        url = app.config["REDIS_URL"]
        store = storage.storage_from_string(url, **TIMEOUTS) if url else storage.storage_from_string("memory://")
        self._lost_until = 0.0
        self._on: bool = app.config["RATE_LIMITS"]
        self._rates: dict[str, RateLimitItem] = {name: parse(rate) for name, rate in RATES.items()}
        self._window = strategies.SlidingWindowCounterRateLimiter(store)
        self._buckets = {name: _buckets(parse(rate)) for name, rate in DEVICE_RATES.items()}

    def spend(self, bucket: str, key: str) -> None:
        """Count one call in `key`'s bucket; RateLimited with the seconds to wait when it is used up. A device's never waits."""
        if not self._on:
            return
        if bucket in self._buckets:
            wait = self._buckets[bucket].draw(key)
            if wait:
                metrics.rate_limited.add(1, bucket)
                raise RateLimited(f"The rate {bucket} is {DEVICE_RATES[bucket]}.", retry_after=math.ceil(wait))
        elif not self._answer(self._window.hit, bucket, key):
            raise self._used_up(bucket, key)

    def has_left(self, bucket: str, key: str) -> bool:
        """Count one in `key`'s bucket of a device's kind, if it is not used up; for what is left out then, and not refused."""
        return not self._on or not self._buckets[bucket].draw(key)

    def refuse(self, bucket: str, key: str) -> None:
        """RateLimited when `key`'s bucket is used up; counts nothing."""
        if self._on and not self._answer(self._window.test, bucket, key):
            raise self._used_up(bucket, key)

    def count(self, bucket: str, key: str) -> None:
        """Count one call."""
        if self._on:
            self._answer(self._window.hit, bucket, key)

    def _answer(self, ask: Callable[..., bool], bucket: str, key: str) -> bool:
        if time.monotonic() < self._lost_until:
            return True
        try:
            return ask(self._rates[bucket], bucket, key)
        except RedisError:
            # A lost Redis must not stop the chat: all is allowed, and Redis is asked again only after a while.
            self._lost_until = time.monotonic() + ASK_AGAIN_SECONDS
            return True

    def _used_up(self, bucket: str, key: str) -> RateLimited:
        metrics.rate_limited.add(1, bucket)
        try:
            reset = self._window.get_window_stats(self._rates[bucket], bucket, key).reset_time
        except RedisError:
            reset = time.time() + 1
        return RateLimited(f"The rate {bucket} is {RATES[bucket]}.", retry_after=max(1, math.ceil(reset - time.time())))


def _buckets(rate: RateLimitItem) -> Buckets:
    return Buckets(rate.amount, rate.get_expiry())


limits = Limits()
