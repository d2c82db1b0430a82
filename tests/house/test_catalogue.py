"""Everything in the catalogue is complete: schemas, a sentence for the reader, a test, and a guard on every route."""

import re

import pytest
from marshmallow import RAISE

import chatx
from chatx.api import BLUEPRINTS
from chatx.errors import tree
from chatx.models.timer import Timer
from chatx.registry import Announcement, Follower, Handler, TimerHandler, announcements, catalogue, followers, timers
from config import DEVICE_RATES, LIMITS, RATES
from tests.house.laws import ROOT

TESTS = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py") if path.parent.name != "house")


def by_event(each: Handler | Announcement | Follower) -> str:
    return each.event


def test_the_handlers_are_registered() -> None:
    assert chatx.handlers
    assert "message:send" in catalogue


@pytest.mark.parametrize("handler", catalogue.values(), ids=by_event)
def test_a_handler_takes_a_closed_schema_and_says_what_it_does(handler: Handler) -> None:
    assert handler.takes.unknown == RAISE
    assert re.fullmatch(r"[A-Z].*\.", handler.summary), "the docstring is one sentence in the user's words"
    assert handler.bucket in RATES | DEVICE_RATES or (handler.bucket is None and handler.internal)
    assert re.fullmatch(r"[a-z_]+(:[a-z_]+)?", handler.event)


@pytest.mark.parametrize("handler", catalogue.values(), ids=by_event)
def test_a_handler_has_a_test(handler: Handler) -> None:
    assert handler.internal or f'"{handler.event}"' in TESTS, f"no test speaks of {handler.event}"


@pytest.mark.parametrize("heard", announcements.values(), ids=by_event)
def test_what_can_be_heard_says_when_and_is_tested(heard: Announcement) -> None:
    assert heard.summary.endswith(".")
    assert f'"{heard.event}"' in TESTS, f"no test hears {heard.event}"


@pytest.mark.parametrize("timer", timers.values(), ids=lambda timer: timer.kind)
def test_what_happens_in_time_says_what_and_is_tested(timer: TimerHandler) -> None:
    assert re.fullmatch(r"[a-z_]+:[a-z_]+", timer.kind)
    assert len(timer.kind) <= Timer.__table__.c.kind.type.length
    assert re.fullmatch(r"[A-Z].*\.", timer.summary), "the docstring is one sentence in the user's words"
    assert f'"{timer.kind}"' in TESTS, f"no test speaks of {timer.kind}"


@pytest.mark.parametrize("follower", followers.values(), ids=by_event)
def test_what_follows_from_what_is_told_says_what_it_does(follower: Follower) -> None:
    assert follower.event in announcements
    assert re.fullmatch(r"[A-Z].*\.", (follower.run.__doc__ or "").strip()), "the docstring is one sentence"


def test_every_blueprint_names_its_guard_and_every_event_has_a_route() -> None:
    assert {blueprint.guard for blueprint in BLUEPRINTS} == {"public", "refresh", "device"}
    served = {event for blueprint in BLUEPRINTS for _, _, event, _ in blueprint.asked}
    assert {handler.event for handler in catalogue.values() if not handler.internal} == served


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in tree()]
    assert len(codes) == len(set(codes))


def test_every_limit_is_used() -> None:
    house = [*(ROOT / "chatx").rglob("*.py"), ROOT / "config.py"]
    code = "".join(path.read_text() for path in house).replace("'", '"')
    unused = [name for name in LIMITS if f'"{name}"' not in code]
    assert not unused
