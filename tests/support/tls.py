"""TLS before a server that has none, as AWS puts it before databases and caches: a relay, and who vouches for it."""

import asyncio
import datetime
import ipaddress
import ssl
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
SSL_REQUEST = 8  # bytes with which a client of PostgreSQL asks for TLS


class Authority:
    """Whom a process trusts that is told `environ`; it vouches for 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Chat-X tests")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        certificate_path, key_path = folder / "certificate", folder / "private"
        certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_path.write_bytes(private)
        self.environ = {"SSL_CERT_FILE": str(certificate_path)}
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(certificate_path, key_path)


class Relay:
    """Listens on `port` with TLS, and passes on in the clear to what `connect` opens.

    asks_first: the client asks for TLS in PostgreSQL's way before it begins.
    """

    def __init__(self, authority: Authority, connect: Callable[[], Awaitable[Streams]], *, asks_first: bool = False) -> None:
        self._authority, self._connect, self._asks_first = authority, connect, asks_first
        self.encrypted = 0  # connections that came over TLS
        self._listens = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._listens.wait(10)

    async def _serve(self) -> None:
        """Until `stop`; the connections that are open then end with the loop."""
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        context = None if self._asks_first else self._authority.context
        async with await asyncio.start_server(self._relay, "127.0.0.1", 0, ssl=context) as server:
            self.port: int = server.sockets[0].getsockname()[1]
            self._listens.set()
            await self._end.wait()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._asks_first:
            await reader.readexactly(SSL_REQUEST)
            writer.write(b"S")
            await writer.start_tls(self._authority.context)
        self.encrypted += 1
        there, back = await self._connect()
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer), return_exceptions=True)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
