"""Somebody who talks to a server as any client does: REST, and the official Socket.IO client."""

import contextlib
import queue
import secrets
import time
import uuid
from dataclasses import dataclass
from typing import Any

import socketio
import urllib3

from scripts.deployment.trouble import SmokeFailed

NAMESPACE = "/chat"
ANSWER_SECONDS = 15


@dataclass(frozen=True)
class Credentials:
    """How somebody signs in."""

    username: str
    password: str

    @classmethod
    def invented(cls, name: str) -> "Credentials":
        return cls(f"smoke_{name}_{secrets.token_hex(4)}", secrets.token_urlsafe(24))


class Api:
    """REST of one server; whatever is not the expected answer is raised, naming what was asked."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = urllib3.PoolManager(timeout=ANSWER_SECONDS, retries=False)

    def ask(self, method: str, path: str, body: Any = None, *, token: str = "", expect: int = 200) -> Any:
        """The answer's JSON, of the status that is expected."""
        status, answer = self.answer(method, path, body, token=token)
        if status != expect:
            said = answer.get("detail", answer) if isinstance(answer, dict) else answer
            raise SmokeFailed(f"{method} {path} answers {status}, not {expect}: {said}")
        return answer

    def answer(self, method: str, path: str, body: Any = None, *, token: str = "") -> tuple[int, Any]:
        """Whatever comes, as (status, JSON or text)."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            found = self._http.request(method, f"{self.url}{path}", json=body, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise SmokeFailed(f"{method} {self.url}{path} is not answered: {error}") from error
        if location := found.headers.get("Location"):
            raise SmokeFailed(f"{self.url}{path} is elsewhere: {location}. Try that address instead.")
        try:
            return found.status, found.json() if found.data else None
        except ValueError:
            return found.status, found.data[:200].decode(errors="replace")


class Person:
    """Signed in on one device; `transport` is the way its live connection goes."""

    def __init__(self, api: Api, name: str, session: dict[str, Any], transport: str) -> None:
        self.api, self.name, self.transport = api, name, transport
        self.id: str = session["user"]["id"]
        self.token: str = session["access_token"]
        self._heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._socket = socketio.Client(reconnection=False)
        self._socket.on("*", lambda event, *data: self._heard.put((event, data[0] if data else None)), namespace=NAMESPACE)

    @classmethod
    def signed_in(cls, api: Api, name: str, credentials: Credentials | None, transport: str) -> "Person":
        """With these credentials, or as somebody new. Who does not exist yet is registered, where that is open."""
        whose = credentials or Credentials.invented(name)
        account: dict[str, Any] = {"username": whose.username, "password": whose.password, "device_name": "smoke test"}
        status, session = api.answer("POST", "/api/v1/auth/login", account) if credentials else (401, {})
        if status == 401 and api.ask("GET", "/api/v1/config")["registration"] == "open":
            account["display_name"] = f"Smoke test {name}"
            session = api.ask("POST", "/api/v1/auth/register", account, expect=201)
        elif status != 200:
            raise SmokeFailed(
                f"{whose.username} cannot sign in ({status}). Make them with `flask chatx create-user`, and give their names "
                "and passwords."
            )
        return cls(api, name, session, transport)

    def connect(self) -> None:
        """Live, until the server says that everything from now on is heard."""
        try:
            self._socket.connect(
                self.api.url,
                auth={"token": self.token},
                namespaces=[NAMESPACE],
                transports=[self.transport],
                wait_timeout=ANSWER_SECONDS,
            )
        except socketio.exceptions.ConnectionError as error:
            raise SmokeFailed(f"{self.name} cannot connect by {self.transport}: {error}") from error
        self.hears("ready")

    def say(self, room_id: str, text: str) -> dict[str, Any]:
        """Send over the live connection; the message as it was acknowledged."""
        payload = {"room_id": room_id, "client_id": uuid.uuid4().hex, "text": text}
        try:
            ack = self._socket.call("message:send", payload, namespace=NAMESPACE, timeout=ANSWER_SECONDS)
        except socketio.exceptions.SocketIOError as error:
            raise SmokeFailed(f"{self.name}'s message by {self.transport} is not acknowledged: {error or 'no answer'}") from error
        if not ack.get("ok"):
            raise SmokeFailed(f"{self.name}'s message is refused: {ack.get('error', {}).get('detail', ack)}")
        return dict(ack["data"])

    def hears(self, event: str, message_id: str = "") -> None:
        """Wait for this event, letting others pass."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            try:
                name, data = self._heard.get(timeout=left)
            except queue.Empty:
                break
            if name == event and (not message_id or data["message"]["id"] == message_id):
                return
        raise SmokeFailed(f"{self.name}, by {self.transport}, does not hear {event} within {ANSWER_SECONDS} s")

    def leave(self) -> None:
        """Sign the device out, so that they do not pile up; the server then ends its connection."""
        with contextlib.suppress(SmokeFailed):  # what failed before is what is told
            self.api.answer("POST", "/api/v1/auth/logout", {}, token=self.token)
        self._socket.disconnect()
