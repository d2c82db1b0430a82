"""RFC 6455 frames, without a socket: bytes in, whole messages out. What breaks the protocol raises the code to close with."""

import struct
from collections.abc import Iterator
from typing import Any

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform without its C extension
    from websockets.utils import apply_mask

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
OPCODES = frozenset((CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG))
NORMAL, GOING_AWAY, PROTOCOL_ERROR, NO_STATUS, NOT_UTF8, POLICY, TOO_BIG = 1000, 1001, 1002, 1005, 1007, 1008, 1009
CLOSE_CODES = frozenset((*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)))
LONGEST_CONTROL = 125

Frame = tuple[int, Any]


class Violation(Exception):
    """The peer broke the protocol; `code` is what to close with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Parser:
    """The frames of one client, fed as they arrive. `limit`: the most bytes of a message, in however many fragments."""

    __slots__ = ("_limit", "_message", "_needed", "_opcode", "_rest")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest: bytearray | None = None  # the beginning of a frame whose end is not here yet
        self._needed = 0  # bytes to wait for before looking again: who sends one by one costs one look, not one each
        self._opcode = 0
        self._message: bytearray | None = None  # the fragments so far

    def feed(self, data: bytes) -> Iterator[Frame]:
        """(TEXT, str), (BINARY | PING | PONG, bytes) or (CLOSE, code) for all that is complete; Violation ends it."""
        if self._rest is not None:
            self._rest += data
            if len(self._rest) < self._needed:
                return
            data, self._rest = bytes(self._rest), None
        position, end = 0, len(data)
        while position < end:
            start, size = self._header(data, position)
            if not start or start + size > end:
                self._rest = bytearray(data[position:])
                self._needed = start + size - position if start else len(self._rest) + 1
                return
            opcode = data[position]
            position = start + size
            frame = self._frame(opcode, apply_mask(data[start:position], data[start - 4 : start]))
            if frame is not None:
                yield frame

    def _header(self, data: bytes, position: int) -> tuple[int, int]:
        """Where the payload begins and its size; (0, 0) when the header is not here yet."""
        if len(data) < position + 2:
            return 0, 0
        first, second = data[position], data[position + 1]
        size = second & 0x7F
        self._check(first, second, size)
        start = position + 6
        if size > LONGEST_CONTROL:
            width = 2 if size == 126 else 8
            start += width
            if len(data) < start - 4:
                return 0, 0
            size = int.from_bytes(data[position + 2 : start - 4], "big")
        if not first & 0x8 and size + len(self._message or b"") > self._limit:
            raise Violation(TOO_BIG, f"A message has at most {self._limit} bytes.")
        return (start, size) if len(data) >= start else (0, 0)

    def _check(self, first: int, second: int, size: int) -> None:
        opcode = first & 0x0F
        if first & 0x70 or opcode not in OPCODES:
            raise Violation(PROTOCOL_ERROR, "No extension was agreed on.")
        if not second & 0x80:
            raise Violation(PROTOCOL_ERROR, "A client masks its frames.")
        if opcode & 0x8:
            if not first & 0x80 or size > LONGEST_CONTROL:
                raise Violation(PROTOCOL_ERROR, "A control frame is short and whole.")
        elif (opcode == CONTINUATION) != (self._message is not None):
            raise Violation(PROTOCOL_ERROR, "Fragments follow one another.")

    def _frame(self, first: int, payload: bytes) -> Frame | None:
        opcode = first & 0x0F
        if opcode & 0x8:
            return (CLOSE, _close_code(payload)) if opcode == CLOSE else (opcode, payload)
        if opcode != CONTINUATION and first & 0x80:
            return _message(opcode, payload)
        if self._message is None:
            self._opcode, self._message = opcode, bytearray()
        self._message += payload
        if not first & 0x80:
            return None
        whole, self._message = bytes(self._message), None
        return _message(self._opcode, whole)


def encoded(payload: bytes, opcode: int = TEXT) -> bytes:
    """One whole frame of a server, which is not masked: the same bytes serve every client."""
    size = len(payload)
    if size <= LONGEST_CONTROL:
        return bytes((0x80 | opcode, size)) + payload
    if size <= 0xFFFF:
        return struct.pack("!BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, size) + payload


def closing(code: int) -> bytes:
    """A close frame; NO_STATUS is one without a code."""
    return encoded(b"" if code == NO_STATUS else code.to_bytes(2, "big"), CLOSE)


def _message(opcode: int, payload: bytes) -> Frame:
    return opcode, _text(payload) if opcode == TEXT else payload


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise Violation(NOT_UTF8, "A text is UTF-8.") from None


def _close_code(payload: bytes) -> int:
    if not payload:
        return NO_STATUS
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or code not in CLOSE_CODES:
        raise Violation(PROTOCOL_ERROR, "There is no such close code.")
    _text(payload[2:])
    return code
