"""The smoke test: two people sign in, connect, and hear each other, one by WebSocket and one by long polling."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TypeVar

from scripts.deployment.aws import Clock, Patience
from scripts.deployment.events import Say
from scripts.deployment.talk import Api, Credentials, Person
from scripts.deployment.trouble import SmokeFailed

T = TypeVar("T")
READY_EVERY = 2


def smoke(url: str, pair: tuple[Credentials | None, Credentials | None], ready_within: Patience, say: Say) -> None:
    """Raise SmokeFailed at the first step that does not go as it must."""
    api = Api(url)
    _step(say, "ready", lambda: _is_ready(api, ready_within))
    _step(say, "config", lambda: _knows_itself(api))
    with ExitStack() as leaving:
        alice, bob = _step(say, "sign in", lambda: _sign_in(api, pair, leaving))
        room = api.ask("PUT", f"/api/v1/rooms/direct/{bob.id}", token=alice.token)["id"]
        for person in (alice, bob):
            _step(say, person.transport, person.connect)
        for speaker, listener in ((alice, bob), (bob, alice)):
            _step(say, f"{speaker.name} to {listener.name}", partial(_talk, room, speaker, listener))
    say(f"{api.url} is well")


def patience_for(clock: Clock, seconds: float) -> Patience:
    """For a server that has just been deployed."""
    return Patience(clock, seconds, READY_EVERY)


def _step(say: Say, name: str, work: Callable[[], T]) -> T:
    begin = time.monotonic()
    try:
        done = work()
    except SmokeFailed as failed:
        raise SmokeFailed(f"{name}: {failed.message}") from failed
    except (KeyError, TypeError) as error:
        raise SmokeFailed(f"{name}: the answer is not Chat-X's: {error!r}") from error
    say(f"ok  {name:<13} {time.monotonic() - begin:6.2f} s")
    return done


def _is_ready(api: Api, patience: Patience) -> None:
    """Ask at once, and again as long as there is patience."""
    if (why := _why_not_ready(api)) is None:
        return
    for _ in patience:
        if (why := _why_not_ready(api)) is None:
            return
    raise SmokeFailed(why)


def _why_not_ready(api: Api) -> str | None:
    try:
        status, answer = api.answer("GET", "/readyz")
    except SmokeFailed as failed:
        return failed.message
    return None if status == 200 else f"/readyz answers {status}: {answer}"


def _knows_itself(api: Api) -> None:
    config = api.ask("GET", "/api/v1/config")
    if config["api_level"] < 1 or "sync" not in config["features"]:
        raise SmokeFailed(f"/api/v1/config is not what Chat-X says: {config}")


def _sign_in(api: Api, pair: tuple[Credentials | None, Credentials | None], leaving: ExitStack) -> tuple[Person, Person]:
    alice = Person.signed_in(api, "alice", pair[0], "websocket")
    leaving.callback(alice.leave)
    bob = Person.signed_in(api, "bob", pair[1], "polling")
    leaving.callback(bob.leave)
    return alice, bob


def _talk(room: str, speaker: Person, listener: Person) -> None:
    """What is acknowledged is heard by the other one, and stored."""
    message = speaker.say(room, "Smoke test")
    listener.hears("message:created", message["id"])
    stored = speaker.api.ask("GET", f"/api/v1/rooms/{room}/messages?around={message['seq']}&limit=1", token=listener.token)
    if message["id"] not in [each["id"] for each in stored["items"]]:
        raise SmokeFailed(f"{speaker.name}'s message {message['seq']} was heard and is not stored")
