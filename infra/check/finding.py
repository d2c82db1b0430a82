"""What a check has to say: where, and which fault, in a sentence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Finding:
    """A fault in a file, whose path starts at the root of the project; line 0 is the whole file."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}{f':{self.line}' if self.line else ''}: {self.text}"


Check = Callable[[Path], Iterator[Finding]]
