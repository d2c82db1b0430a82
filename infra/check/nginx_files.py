"""Reads nginx files into directives, as far as finding duplicates and comparing times needs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MARK = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[{};]|#[^\n]*|(?:[^\s{};\\]|\\.|\$\{)+|\n")


@dataclass
class Directive:
    """`words` up to its semicolon or block; `block` is what stands between its braces, None where it has none."""

    words: list[str]
    path: str
    line: int
    block: "list[Directive] | None" = field(default=None)

    @property
    def name(self) -> str:
        return self.words[0]

    @property
    def seconds(self) -> int | None:
        """Its first value as a time."""
        found = re.fullmatch(r"(\d+)(s|m|h)?", self.words[1]) if len(self.words) > 1 else None
        return int(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2] or "s"] if found else None


class Unreadable(Exception):
    """Braces or semicolons are missing; the text says where."""


def parse(text: str, path: str) -> list[Directive]:
    """The directives of one file."""
    outermost: list[Directive] = []
    open_blocks, words, began, line = [outermost], list[str](), 0, 0
    for line, mark in _marks(text):
        if mark not in ("{", "}", ";"):
            began = began if words else line
            words.append(mark)
        elif mark == "}":
            if words or len(open_blocks) == 1:
                raise Unreadable(f"{path}:{line}: " + ("a semicolon is missing before }" if words else "one } too many"))
            open_blocks.pop()
        elif not words:
            raise Unreadable(f"{path}:{line}: {mark} without a directive before it")
        else:
            block: list[Directive] | None = [] if mark == "{" else None
            open_blocks[-1].append(Directive(words, path, began, block))
            open_blocks += [] if block is None else [block]
            words = []
    if words or len(open_blocks) > 1:
        raise Unreadable(f"{path}:{line}: the file ends within a directive or a block")
    return outermost


def _marks(text: str) -> Iterator[tuple[int, str]]:
    """(line, word or one of {};) without comments."""
    line = 1
    for mark in MARK.findall(text):
        if mark.strip() and not mark.startswith("#"):
            yield line, mark
        line += mark.count("\n")


def included(folder: Path, pattern: str, shown: str) -> list[Directive]:
    """The directives of all files that `include` would take in, in its order."""
    return [
        directive
        for file in sorted(folder.glob(pattern))
        for directive in parse(file.read_text(), f"{shown}/{file.relative_to(folder)}")
    ]


def expand(block: list[Directive], folder: Path, shown: str) -> list[Directive]:
    """The same block with what our own files bring into it; files that only the host has stay away."""
    whole: list[Directive] = []
    for directive in block:
        if directive.name == "include":
            whole += included(folder, directive.words[1], shown) if not directive.words[1].startswith("/") else []
        else:
            if directive.block is not None:
                directive.block = expand(directive.block, folder, shown)
            whole.append(directive)
    return whole


def walk(block: list[Directive]) -> Iterator[list[Directive]]:
    """This block and all within it."""
    yield block
    for directive in block:
        if directive.block is not None:
            yield from walk(directive.block)
