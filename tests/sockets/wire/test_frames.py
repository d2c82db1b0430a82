"""RFC 6455 in bytes: every opcode, every way to split a stream, and the code for everything that is forbidden."""

import random
import struct
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatx.sockets.wire.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Frame, Parser, Violation, closing, encoded

LIMIT = 1_000
MASK = b"\x37\xfa\x21\x3d"


def masked(opcode: int, payload: bytes = b"", *, final: bool = True, mask: bytes = MASK, first: int = 0) -> bytes:
    """A client's frame."""
    size = len(payload)
    head = struct.pack("!B", first | (0x80 if final else 0) | opcode)
    if size <= 125:
        head += struct.pack("!B", 0x80 | size)
    elif size <= 0xFFFF:
        head += struct.pack("!BH", 0x80 | 126, size)
    else:
        head += struct.pack("!BQ", 0x80 | 127, size)
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


def parsed(*chunks: bytes, limit: int = LIMIT) -> tuple[list[Frame], int | None]:
    """What was understood, and the code that ended it."""
    parser, frames = Parser(limit), []
    try:
        for chunk in chunks:
            frames.extend(parser.feed(chunk))
    except Violation as violation:
        return frames, violation.code
    return frames, None


@pytest.mark.parametrize(
    ("stream", "frames"),
    [
        (masked(TEXT, "grüß €".encode()), [(TEXT, "grüß €")]),
        (masked(TEXT), [(TEXT, "")]),
        (masked(BINARY, b"\xff\x00"), [(BINARY, b"\xff\x00")]),
        (masked(PING, b"x" * 125), [(PING, b"x" * 125)]),
        (masked(PONG), [(PONG, b"")]),
        (masked(CLOSE), [(CLOSE, 1005)]),
        (masked(CLOSE, b"\x03\xe8bye"), [(CLOSE, 1000)]),
        (masked(CLOSE, struct.pack("!H", 4999)), [(CLOSE, 4999)]),
        (masked(TEXT, b"x" * 126), [(TEXT, "x" * 126)]),
        (masked(TEXT, b"x" * LIMIT), [(TEXT, "x" * LIMIT)]),
        (masked(TEXT, b"a") + masked(TEXT, b"b"), [(TEXT, "a"), (TEXT, "b")]),
        # A character may be split between fragments, and control frames may stand between them.
        (
            masked(TEXT, b"gr\xc3", final=False) + masked(PING, b"!") + masked(CONTINUATION, b"\xbc", final=False)
            + masked(PONG) + masked(CONTINUATION, b"n"),
            [(PING, b"!"), (PONG, b""), (TEXT, "grün")],
        ),
        (masked(BINARY, b"", final=False) + masked(CONTINUATION), [(BINARY, b"")]),
    ],
)  # fmt: skip
def test_what_is_allowed_is_understood(stream: bytes, frames: list[Frame]) -> None:
    assert parsed(stream) == (frames, None)
    assert parsed(*(bytes((byte,)) for byte in stream)) == (frames, None)


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (masked(3), 1002),
        (masked(7), 1002),
        (masked(0xB), 1002),
        (masked(0xF), 1002),
        *((masked(TEXT, b"x", first=bit), 1002) for bit in (0x40, 0x20, 0x10)),
        (encoded(b"not masked"), 1002),
        (masked(PING, b"x", final=False), 1002),
        (masked(PING, b"x" * 126), 1002),
        (masked(CONTINUATION, b"of nothing"), 1002),
        (masked(TEXT, b"a", final=False) + masked(TEXT, b"b"), 1002),
        (masked(CLOSE, b"\x03"), 1002),
        *((masked(CLOSE, struct.pack("!H", code)), 1002) for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535)),
        (masked(CLOSE, b"\x03\xe8\xff"), 1007),
        (masked(TEXT, b"\xc3"), 1007),
        (masked(TEXT, b"\xed\xa0\x80"), 1007),  # half a character, as UTF-16 has them
        (masked(TEXT, b"\xc3", final=False) + masked(CONTINUATION, b"("), 1007),
        (masked(TEXT, b"x" * (LIMIT + 1))[:4], 1009),  # before its payload has come
        (struct.pack("!BBQ", 0x81, 0xFF, 2**63), 1009),
        (masked(TEXT, b"x" * LIMIT, final=False) + masked(CONTINUATION, b"x"), 1009),
    ],
)
def test_what_is_forbidden_has_its_code(stream: bytes, code: int) -> None:
    before = masked(TEXT, b"before")
    assert parsed(before + stream) == ([(TEXT, "before")], code)
    assert parsed(before, *(bytes((byte,)) for byte in stream)) == ([(TEXT, "before")], code)


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_of_ours_says_its_size_as_short_as_it_can(size: int) -> None:
    frame = encoded(b"x" * size)
    assert frame.endswith(b"x" * size)
    assert len(frame) - size == (2 if size <= 125 else 4 if size <= 0xFFFF else 10)
    assert closing(1009) == b"\x88\x02\x03\xf1"
    assert closing(1005) == b"\x88\x00"


def test_who_sends_byte_by_byte_costs_no_more_than_the_bytes() -> None:
    """Half a million looks at half a megabyte would take minutes."""
    stream = masked(BINARY, b"x" * 500_000)
    parser = Parser(1_000_000)
    frames = [frame for place in range(len(stream)) for frame in parser.feed(stream[place : place + 1])]
    assert [(opcode, len(payload)) for opcode, payload in frames] == [(BINARY, 500_000)]


# Messages in fragments with control frames between them, as a client may send them, and what they mean.
controls = st.tuples(st.sampled_from([PING, PONG]), st.binary(max_size=125))
texts = st.tuples(st.just(TEXT), st.text(max_size=60))
binaries = st.tuples(st.just(BINARY), st.binary(max_size=200))
messages = st.lists(
    st.tuples(st.one_of(texts, binaries), st.lists(st.integers(0, 200), max_size=3), st.lists(controls, max_size=2))
)


def written(message: Frame, cuts: list[int], between: list[Frame], mask: bytes) -> tuple[bytes, list[Frame]]:
    """A message in fragments; what is to be understood."""
    opcode, content = message
    payload = content.encode() if isinstance(content, str) else content
    places = sorted({0, len(payload), *(cut for cut in cuts if cut < len(payload))})
    parts = [payload[a:b] for a, b in pairwise(places)] or [b""]
    stream = masked(opcode, parts[0], final=len(parts) == 1, mask=mask)
    meant = [] if len(parts) > 1 else [message]
    for number, part in enumerate(parts[1:], start=2):
        if between:
            stream += masked(*between[0], mask=mask)
            meant.append(between[0])
            between = between[1:]
        stream += masked(CONTINUATION, part, final=number == len(parts), mask=mask)
    return stream, meant if len(parts) == 1 else [*meant, message]


def any_split_means_the_same(sent: list, mask: bytes, chance: random.Random) -> None:
    pairs = [written(*message, mask) for message in sent]
    stream, meant = b"".join(pair[0] for pair in pairs), [frame for pair in pairs for frame in pair[1]]
    places = sorted(chance.randrange(len(stream) + 1) for _ in range(chance.randrange(12))) if stream else []
    chunks = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
    assert parsed(*chunks) == (meant, None)


def noise_ends_or_is_understood(noise: bytes, split: int) -> None:
    """Nothing hangs or crashes, and it does not matter how it came."""
    assert parsed(noise[:split], noise[split:]) == parsed(noise)


@given(messages, st.binary(min_size=4, max_size=4), st.randoms(use_true_random=False))
def test_any_split_of_a_stream_means_the_same(sent: list, mask: bytes, chance: random.Random) -> None:
    any_split_means_the_same(sent, mask, chance)


@given(st.binary(max_size=300), st.integers(0, 300))
def test_noise_ends_or_is_understood(noise: bytes, split: int) -> None:
    noise_ends_or_is_understood(noise, split)


def test_a_million_inputs(chaos: str) -> None:
    """Noise that begins as frames do, so that it gets further than noise would; `--chaos long` is a million of them."""
    chance = random.Random(4711)
    heads = [bytes((first, second)) for first in (0x81, 0x01, 0x82, 0x80, 0x00, 0x88, 0x89) for second in (0x80, 0x83, 0xFE)]
    for _ in range(1_000_000 if chaos == "long" else 3_000):
        noise = b"".join(chance.choice(heads) + chance.randbytes(chance.randrange(9)) for _ in range(chance.randrange(1, 5)))
        noise_ends_or_is_understood(noise, chance.randrange(len(noise) + 1))


def test_long_messages_in_any_split(chaos: str) -> None:
    """The property above on more and longer streams."""
    more = settings(max_examples=20_000 if chaos == "long" else 20, deadline=None)
    more(given(messages, st.binary(min_size=4, max_size=4), st.randoms(use_true_random=False))(any_split_means_the_same))()
