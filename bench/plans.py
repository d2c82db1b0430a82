"""Who is there and in which rooms: what every server is given before the load."""

import random
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

Cast = dict[str, Any]  # {"people": [{"id", "token", "rooms": [index]}], "rooms": [{"id", "members": [index]}]}


@dataclass(frozen=True)
class Plan:
    """people: how many; rooms: the members of each, by index, who sends first; said: messages in each room before the load."""

    people: int
    rooms: list[list[int]] = field(default_factory=list)
    said: int = 0

    def rooms_of(self) -> list[list[int]]:
        """For each person the rooms they are in, by index."""
        rooms: list[list[int]] = [[] for _ in range(self.people)]
        for index, members in enumerate(self.rooms):
            for member in members:
                rooms[member].append(index)
        return rooms


def apart(rooms: int, members: int) -> Plan:
    """Rooms that share nobody."""
    return Plan(rooms * members, [list(range(room * members, (room + 1) * members)) for room in range(rooms)])


def crowd(people: int, each_in: int, members: int, said: int) -> Plan:
    """Everybody is in `each_in` rooms of `members`, with different people in each; the same crowd every time."""
    rooms = []
    for turn in range(each_in):
        everybody = list(range(people))
        random.Random(turn).shuffle(everybody)
        rooms += [everybody[first : first + members] for first in range(0, people, members)]
    return Plan(people, rooms, said)


def invented(plan: Plan) -> Cast:
    """The cast of a plan for a server that believes what it is told."""
    rooms_of = plan.rooms_of()
    people = [{"id": str(uuid.uuid4()), "token": secrets.token_hex(16), "rooms": rooms} for rooms in rooms_of]
    return {"people": people, "rooms": [{"id": str(uuid.uuid4()), "members": members} for members in plan.rooms]}
