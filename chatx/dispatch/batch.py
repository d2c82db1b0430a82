"""Batches: calls of one hot event that arrived while the last commit ran, in one transaction, each with its own answer.

There is no timer: an idle server runs a batch of one at once, a busy one shares the commit. A call that fails, fails
alone; a transaction that fails as a whole is tried again call by call. What an event's shortcut can answer, it answers first.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from flask import Flask, current_app

from chatx import registry
from chatx.context import Actor, BatchCall, Context, the_time
from chatx.dispatch.answer import dumped
from chatx.dispatch.following import follow
from chatx.dispatch.frames import frames_of
from chatx.dispatch.line import line_of
from chatx.dispatch.transaction import in_transaction
from chatx.errors import ChatError, Unavailable
from chatx.extensions import background
from chatx.registry import Handler
from chatx.services.live import Frame, live
from chatx.services.metrics import metrics

LARGEST_BATCH = 128
LONGEST_QUEUE = 4_096


log = logging.getLogger(__name__)

Then = Callable[[Any, Exception | None], None]


@dataclass(slots=True)
class Asked:
    """One call that waits: what it asks, and `then`, which gets its answer or what was raised instead."""

    actor: Actor | None
    address: str
    arguments: dict[str, Any]
    then: Then
    began: float = field(default_factory=time.perf_counter)
    answer: Any = None
    raised: Exception | None = None


class Queue:
    """The calls of one event, in the order of their arrival; one worker empties it, and ends when it is empty."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._waiting: deque[Asked] = deque()
        self._works = False
        self._lock = threading.Lock()

    def add(self, app: Flask, asked: Asked) -> None:
        """Queue it; Unavailable when too many wait already."""
        with self._lock:
            if len(self._waiting) >= LONGEST_QUEUE:
                metrics.errors.add(1, self._handler.event, Unavailable.code)
                raise Unavailable("Too many calls wait at this moment.", retry_after=1)
            self._waiting.append(asked)
            starts, self._works = not self._works, True
        if starts:
            background.spawn(self._work, app)

    def _work(self, app: Flask) -> None:
        while batch := self._next():
            if rest := self._after_shortcut(app, batch):
                with app.app_context():
                    self._answer(rest)
            self._count(batch)
            for asked in batch:
                _tell(asked)
            live.keep_up()

    def _next(self) -> list[Asked]:
        with self._lock:
            batch = list(islice(self._waiting, LARGEST_BATCH))
            for _ in batch:
                self._waiting.popleft()
            self._works = bool(batch)
            return batch

    def _count(self, batch: Sequence[Asked]) -> None:
        event, now = self._handler.event, time.perf_counter()
        metrics.batch_size.see(len(batch), event)
        for asked in batch:
            if asked.raised is None:
                metrics.call_seconds.see(now - asked.began, event)
            else:
                code = asked.raised.code if isinstance(asked.raised, ChatError) else ChatError.code
                metrics.errors.add(1, event, code)

    def _after_shortcut(self, app: Flask, batch: list[Asked]) -> list[Asked]:
        """Those that have to go the usual way, also when the shortcut fails: nothing that it did is done again there."""
        shortcut = registry.shortcuts.get(self._handler.event)
        if shortcut is None:
            return batch
        try:
            answers, frames = shortcut(batch, the_time(), line_of(app).once)
        except Exception:
            log.exception("a shortcut failed")
            return batch
        live.publish(frames)
        follow(frames, app)
        for asked, answer in zip(batch, answers, strict=True):
            asked.answer = answer
        return [asked for asked in batch if asked.answer is None]

    def _answer(self, batch: Sequence[Asked]) -> None:
        try:
            answers, frames = in_transaction(lambda: self._attempt(batch))
        except Unavailable as error:
            for asked in batch:
                asked.raised = Unavailable(error.detail, retry_after=error.retry_after)
        except Exception as error:
            if len(batch) == 1:
                batch[0].raised = error
            else:
                for asked in batch:
                    self._answer([asked])
        else:
            live.publish(frames)
            follow(frames)
            for asked, answer in zip(batch, answers, strict=True):
                asked.answer, asked.raised = answer, answer if isinstance(answer, ChatError) else None

    def _attempt(self, batch: Sequence[Asked]) -> tuple[list[Any], list[Frame]]:
        calls = [BatchCall(Context(asked.actor, asked.address), asked.arguments) for asked in batch]
        answers = [dumped(self._handler, answer) for answer in self._handler.run(calls)]
        return answers, [frame for call in calls for frame in frames_of(call.ctx)]


_queues: dict[str, Queue] = {}


def ask_in_batch(handler: Handler, actor: Actor | None, address: str, arguments: dict[str, Any]) -> Any:
    """Ask a batched event, and wait for this call's own answer."""
    done = threading.Event()
    asked = Asked(actor, address, arguments, lambda *_: done.set())
    add_to_batch(current_app._get_current_object(), handler, asked)  # type: ignore[attr-defined]
    done.wait()
    if asked.raised is not None:
        raise asked.raised
    return asked.answer


def add_to_batch(app: Flask, handler: Handler, asked: Asked) -> None:
    """Ask a batched event without waiting."""
    queue = _queues.get(handler.event)
    if queue is None:
        queue = _queues[handler.event] = Queue(handler)
    queue.add(app, asked)


def _tell(asked: Asked) -> None:
    try:
        asked.then(asked.answer, asked.raised)
    except Exception:
        log.exception("an answer reached nobody")  # the others of its batch still get theirs
