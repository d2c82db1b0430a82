"""Publishing: what was committed leaves through an outbox of its own, so that no call ever waits for Redis."""

import logging
import time
from collections.abc import Callable

from redis import ConnectionError, Redis, RedisError  # noqa: A004 - its own, which is what it raises

from chatx.services.live.backlog import Backlog
from chatx.services.live.news import Missed, News

LARGEST_PIPELINE = 500
# Beyond it the oldest are forgotten here and found by sync.
LONGEST_OUTBOX = 50_000
# Who commits more than Redis takes is slowed down from here on, as long as it takes some at least so often.
MUCH = 2_000
PULSE = 0.1
LONGEST_WAIT = 0.25

log = logging.getLogger(__name__)


class Outbox:
    """Emptied into Redis by one helper; what Redis does not take goes to `hear_here`."""

    def __init__(self, redis: "Redis", hear_here: Callable[[News], None]) -> None:
        self._redis, self._hear_here = redis, hear_here
        self._backlog = Backlog(self._publish_all, self._miss, batch=LARGEST_PIPELINE, longest=LONGEST_OUTBOX)
        self._missed = False
        self._took_some_at = 0.0

    def put(self, news: News) -> None:
        """Have it published soon, after all that was put before."""
        if not self._backlog.works:
            self._took_some_at = time.monotonic()
        self._backlog.put(news)

    @property
    def waiting(self) -> int:
        """How much is not published yet."""
        return self._backlog.waiting

    @property
    def works(self) -> bool:
        """Whether something is still to be published, or just being."""
        return self._backlog.works

    def keep_up(self) -> None:
        """Wait a while if much is not published yet and Redis is at it; not for one that hangs, which no call waits for."""
        deadline = time.monotonic() + LONGEST_WAIT
        while self.waiting > MUCH and time.monotonic() < min(deadline, self._took_some_at + PULSE):
            time.sleep(0.001)

    def _miss(self) -> None:
        self._missed = True

    def _publish_all(self, batch: list[News]) -> None:
        try:
            self._publish(batch)
        except RedisError as error:
            self._missed = True
            log.warning("live: redis is lost, delivering here only", extra={"error": type(error).__name__})
            for news in batch:
                self._hear_here(news)

    def _publish(self, batch: list[News]) -> None:
        try:
            self._send(batch)
        except ConnectionError:
            # Kept from before Redis was started again; a new connection may do. Who heard a frame already drops it.
            self._send(batch)
        self._missed = False

    def _send(self, batch: list[News]) -> None:
        with self._redis.pipeline(transaction=False) as pipeline:
            for news in [*batch, Missed()] if self._missed else batch:
                encoded = news.encode()
                for channel in news.channels:
                    pipeline.publish(channel, encoded)
            pipeline.execute()
        self._took_some_at = time.monotonic()
