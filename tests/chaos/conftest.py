"""The stage of every test that kills."""

from collections.abc import Iterator

import pytest

from tests.chaos.stage import Stage
from tests.support.backends import Postgres


@pytest.fixture
def stage(postgres: Postgres) -> Iterator[Stage]:
    made = Stage(postgres)
    yield made
    made.end()
