"""People who chat while something happens to their servers, and what must be true of what they saw."""

from collections.abc import Callable

from tests.chaos.crowd import Crowd, History, Saw
from tests.support.people import Person
from tests.support.server import Server

ROOM = 8  # people in each


class Stay:
    """People who chat in rooms of eight, from their coming to their going; what they saw must be what is stored."""

    def __init__(self, server: Server, people: list[Person], *ways: list[str]) -> None:
        self.people = people
        self.rooms = [people[first].group(*people[first + 1 : first + ROOM]) for first in range(0, len(people), ROOM)]
        self.crowd = Crowd(people, [server], ways)

    def room_of(self, number: int) -> str:
        return self.rooms[number // ROOM]

    def talk(self, meanwhile: Callable[[], None], pace_ms: int = 20, every: int = 1) -> None:
        """Everybody, or each so-manieth, sends one message after the other while something happens."""
        by = [[number, self.room_of(number)] for number in range(0, len(self.people), every)]
        sending = self.crowd.start("send", by=by, pace_ms=pace_ms)
        meanwhile()
        self.crowd.ask("hush")
        sending.result(60)

    def end(self) -> tuple[list[Saw], int]:
        """What each saw, and how many messages there are: nothing lost, nothing twice, everything in order."""
        self.crowd.ask("gather")
        history = History({room: self.people[number * ROOM] for number, room in enumerate(self.rooms)})
        self.crowd.ask("reach", seqs=history.last)
        saw = self.crowd.saw()
        self.crowd.end()
        history.is_whole()
        messages = history.has_once_what_was_acked(saw, self.people)
        for each in saw:
            history.was_applied_by(each, [self.room_of(each.number)])
        return saw, messages
