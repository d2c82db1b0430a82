"""Engine.IO packets as bytes: a message is encoded once, whoever gets it and over whichever transport."""

import base64
import binascii
from typing import Any

from engineio.packet import MESSAGE

from chatx.sockets.wire.frames import BINARY, POLICY, TEXT, Violation, encoded

SEPARATOR = "\x1e"


class Message:
    """A text for one client or for many; `frame` is what each WebSocket gets. To the library it is a packet as any other."""

    __slots__ = ("_text", "frame")

    binary = False
    packet_type = MESSAGE

    def __init__(self, text: bytes) -> None:
        self._text = b"4" + text
        self.frame = encoded(self._text)

    @property
    def data(self) -> str:
        """What it carries, for who looks at packets."""
        return self.encode()[1:]

    def encode(self, b64: bool = False) -> str:
        """As a poll, or another transport of the library, has it."""
        return self._text.decode()


def frame_of(packet: Any) -> bytes:
    """The WebSocket frame of any packet."""
    if type(packet) is Message:
        return packet.frame
    content = packet.encode()
    return encoded(content.encode(), TEXT) if isinstance(content, str) else encoded(content, BINARY)


def size_of(packet: Any) -> int:
    """About its bytes on the wire."""
    if isinstance(packet, Message):
        return len(packet.frame)
    # A packet keeps how it was encoded first, and binary is not encoded the same for both transports.
    return len(packet.data if packet.binary else packet.encode())


def messages_of(body: bytes) -> list[str | bytes]:
    """The encoded packets of a POST; Violation where it is no payload."""
    try:
        return [_decoded(packet) for packet in body.decode().split(SEPARATOR)]
    except (UnicodeDecodeError, binascii.Error) as error:
        raise Violation(POLICY, "not a payload") from error


def _decoded(packet: str) -> str | bytes:
    return base64.b64decode(packet[1:], validate=True) if packet.startswith("b") else packet
