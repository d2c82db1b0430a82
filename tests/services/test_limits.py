"""Named rates: log-in is throttled by account and by address, calls by device, with the time to wait."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count, repeat

import pytest

from config import DEVICE_RATES, RATES
from tests.support.contract import Contract
from tests.support.people import PASSWORD, Answer, Cast, Refused
from tests.support.server import Server


@pytest.fixture
def strict(urls: tuple[str, str | None], tmp_path, request: pytest.FixtureRequest) -> Iterator[Cast]:
    """A server that limits, with counts of its own."""
    database, redis_url = urls
    if redis_url:
        redis_url = redis_url.rsplit("/", 1)[0] + "/7"
        import redis  # noqa: PLC0415

        redis.Redis.from_url(redis_url).flushdb()
    server = Server(database, redis_url, CHATX_RATE_LIMITS="on").start()
    cast = Cast(server, Contract(server.url))
    yield cast
    cast.goodbye()
    server.stop()


def most(rate: str) -> int:
    return int((RATES | DEVICE_RATES)[rate].split("/")[0])


def is_spent(rate: str, calls: int) -> bool:
    """Whether so many calls are all that the rate allows: a tenth more where the clock began a new window meanwhile."""
    return most(rate) <= calls <= most(rate) * 1.1


def answered_until_refused(calls: Iterable[Callable[[], Answer]]) -> list[Answer]:
    answers = []
    for call in calls:
        answers.append(call())
        if answers[-1].status == 429:
            return answers
    raise AssertionError(f"{len(answers)} calls were not enough")


def test_guessing_a_password_is_slowed_down_by_account(strict: Cast) -> None:
    alice, nobody = strict.person("alice"), strict.stranger()
    wrong = {"username": alice.user["username"], "password": "a wrong guess"}
    *answers, refused = answered_until_refused(repeat(lambda: nobody.post("/auth/login", wrong)))
    assert {answer.status for answer in answers} == {401}
    assert is_spent("login_account", len(answers))
    assert (refused.code, refused.body["retryable"]) == ("rate_limited", True)
    assert 0 < refused.body["retry_after"] <= 300
    assert refused.headers["Retry-After"] == str(refused.body["retry_after"])
    assert "login_account" in refused.body["detail"]
    assert nobody.post("/auth/login", {**wrong, "password": PASSWORD}).status == 429
    bob = strict.person("bob")
    assert nobody.post("/auth/login", {"username": bob.user["username"], "password": PASSWORD}).status == 200


def test_guessing_many_accounts_is_slowed_down_by_address(strict: Cast) -> None:
    nobody = strict.stranger()
    guesses = ({"username": f"somebody_{number}", "password": "a wrong guess"} for number in count())
    *answers, _ = answered_until_refused(partial(nobody.post, "/auth/login", guess) for guess in guesses)
    assert {answer.status for answer in answers} == {401}
    assert is_spent("login_address", len(answers))


def test_signing_in_rightly_is_not_counted_as_guessing(strict: Cast) -> None:
    alice = strict.person("alice")
    body = {"username": alice.user["username"], "password": PASSWORD}
    assert {alice.post("/auth/login", body).status for _ in range(most("login_account") + 5)} == {200}


def test_a_flood_of_messages_is_refused_on_both_wires_alike(strict: Cast) -> None:
    alice = strict.person("alice")
    notes = alice.direct(alice)
    sent = 0
    with pytest.raises(Refused) as refused:
        while sent <= 2 * most("messages"):
            alice.ask("message:send", {"room_id": notes, "client_id": str(sent), "text": "flood"})
            sent += 1
    assert is_spent("messages", sent)
    assert (refused.value.code, refused.value.error["retry_after"] > 0) == ("rate_limited", True)
    bodies = ({"client_id": f"more-{number}", "text": "flood"} for number in count())
    *accepted, refusal = answered_until_refused(partial(alice.post, f"/rooms/{notes}/messages", body) for body in bodies)
    assert len(accepted) < most("messages") / 2, "both wires draw on one allowance, which only fills up with time"
    assert refusal.code == "rate_limited"
    assert alice.get(f"/rooms/{notes}").body["seq"] == sent + len(accepted) + 1
