"""People who use the server as clients do: REST with `requests`, live with the official Python client."""

import queue
import secrets
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import requests
import socketio

from tests.support.contract import Contract, told_by
from tests.support.ordered import OrderedClient
from tests.support.server import Server

PASSWORD = "correct horse battery"
NAMESPACE = "/chat"
PATIENCE = 10


class Refused(Exception):
    """An ack that says no; `error` is the error object."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['detail']}")
        self.error = error
        self.code = error["code"]


@dataclass
class Answer:
    """What REST said."""

    status: int
    body: Any
    headers: Any

    @property
    def code(self) -> str | None:
        return self.body.get("code") if isinstance(self.body, dict) else None


class Caller:
    """Somebody who makes REST calls, signed in or not; every answer is held against the contract."""

    everybody: ClassVar[list["Caller"]] = []

    def __init__(self, server: Server, contract: Contract, token: str | None = None) -> None:
        self.server, self.contract, self.token = server, contract, token
        self.http = requests.Session()
        self.http.trust_env = False  # or each call looks for proxies
        Caller.everybody.append(self)

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None, **options: Any) -> Answer:
        headers = options.pop("headers", {})
        if token or self.token:
            headers["Authorization"] = f"Bearer {token or self.token}"
        if body is not None:
            options["json"] = body
        url = f"{self.server.api}{path}"
        response = self.http.request(method, url, headers=headers, timeout=30, **options)
        self.contract.check_response(method, path.split("?", maxsplit=1)[0], response)
        return Answer(response.status_code, told_by(response), response.headers)

    def leave(self) -> None:
        self.http.close()

    def get(self, path: str, **query: Any) -> Answer:
        return self.call("GET", path, params=query)

    def post(self, path: str, body: Any = None) -> Answer:
        return self.call("POST", path, {} if body is None else body)

    def put(self, path: str, body: Any = None) -> Answer:
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Any) -> Answer:
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", path)


class Person(Caller):
    """A signed-in device of somebody, connected when `live()` was called; hears into `heard`."""

    def __init__(self, server: Server, contract: Contract, session: dict[str, Any]) -> None:
        super().__init__(server, contract, session["access_token"])
        self.session = session
        self.user = session["user"]
        self.id: str = session["user"]["id"]
        self.device_id: str = session["device"]["id"]
        self.heard: list[tuple[str, Any]] = []
        self._news: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._broken: list[BaseException] = []
        self.socket: socketio.Client | None = None

    def live(self, *transports: str) -> "Person":
        """Connect, and wait for `ready`."""
        self.socket = OrderedClient(reconnection=False)
        self.socket.on("*", self._hear, namespace=NAMESPACE)
        chosen = {"transports": list(transports)} if transports else {"transports": ["websocket"]}
        self.socket.connect(self.server.url, namespaces=[NAMESPACE], auth={"token": self.token}, **chosen)
        self.hears("ready")
        return self

    def leave(self) -> None:
        if self.socket is not None:
            self.socket.disconnect()
            self.socket = None
        super().leave()
        self.raise_what_broke()

    def ask(self, event: str, payload: Any = None) -> Any:
        """Ask over the socket; the ack's data, or Refused."""
        if self.socket is None:
            self.live()
        assert self.socket is not None
        ack = self.socket.call(event, {} if payload is None else payload, namespace=NAMESPACE, timeout=PATIENCE)
        self.contract.check_ack(event, ack)
        self.raise_what_broke()
        if not ack["ok"]:
            raise Refused(ack["error"])
        return ack["data"]

    def hears(self, event: str, **expected: Any) -> Any:
        """Wait for the next such event, letting others pass; its data."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                name, data = self._news.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                self.raise_what_broke()
                raise AssertionError(f"{self.user['username']} did not hear {event} {expected}; heard {self.heard}") from None
            if name == event and all(data.get(key) == value for key, value in expected.items()):
                return data

    def settle(self) -> None:
        """Wait until everything that was told before has been heard: one more change, through the same channels."""
        nonce = secrets.token_hex(6)
        assert self.patch("/users/me", {"about": nonce}).status == 200
        while self.hears("profile:updated")["user"]["about"] != nonce:
            continue
        self.raise_what_broke()

    def forget(self) -> None:
        """Begin to listen anew."""
        self.settle()
        self.heard.clear()

    def events(self, *names: str) -> list[Any]:
        """What was heard under these names since the last `forget`, without what `settle` causes."""
        self.settle()
        return [data for name, data in self.heard if name in names]

    def direct(self, other: "Person") -> str:
        """The id of the direct room with somebody."""
        return self.put(f"/rooms/direct/{other.id}").body["id"]

    def group(self, *others: "Person", title: str = "Weekend") -> str:
        """The id of a new group with these people."""
        return self.post("/rooms", {"title": title, "member_ids": [other.id for other in others]}).body["id"]

    def say(self, room_id: str, text: str = "hello", **more: Any) -> dict[str, Any]:
        """Send over REST; the message."""
        body = {"client_id": uuid.uuid4().hex, "text": text, **more}
        answer = self.post(f"/rooms/{room_id}/messages", body)
        assert answer.status == 201, answer.body
        return answer.body

    def send(self, room_id: str, type: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Send something else than plain text; the message."""
        body = {"client_id": uuid.uuid4().hex, "type": type, "data": data, **more}
        answer = self.post(f"/rooms/{room_id}/messages", body)
        assert answer.status == 201, answer.body
        return answer.body

    def history(self, room_id: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(f"/rooms/{room_id}/messages", **query)
        assert answer.status == 200, answer.body
        return answer.body["items"]

    def whole_history(self, room_id: str) -> list[dict[str, Any]]:
        """Everything this person may see, page by page from the beginning."""
        return [message for page in self.pages_of_history(room_id) for message in page["items"]]

    def pages_of_history(self, room_id: str) -> Iterator[dict[str, Any]]:
        """The same page by page, with what stands beside the messages."""
        last = 0
        while (page := self.get(f"/rooms/{room_id}/messages", after=last, limit=100).body)["items"]:
            yield page
            last = page["items"][-1]["seq"]

    def another_device(self) -> "Person":
        """The same person on one more device."""
        body = {"username": self.user["username"], "password": PASSWORD, "device_name": "another"}
        return Person(self.server, self.contract, self.post("/auth/login", body).body)

    def raise_what_broke(self) -> None:
        if self._broken:
            raise self._broken[0]

    def _hear(self, event: str, data: Any) -> None:
        try:
            self.contract.check_event(event, data)
        except BaseException as error:  # it is raised where the test can see it
            self._broken.append(error)
        self.heard.append((event, data))
        self._news.put((event, data))


class Cast:
    """Makes people: alice and bob are friends, mallory must never get in."""

    def __init__(self, server: Server, contract: Contract) -> None:
        self.server, self.contract = server, contract

    def stranger(self) -> Caller:
        """Somebody without an account."""
        return Caller(self.server, self.contract)

    def person(self, name: str) -> Person:
        """A new person whose user name begins with `name`."""
        username = f"{name}_{secrets.token_hex(5)}"
        body = {"username": username, "password": PASSWORD, "display_name": name.title(), "device_name": "first"}
        answer = self.stranger().post("/auth/register", body)
        assert answer.status == 201, answer.body
        return Person(self.server, self.contract, answer.body)

    def goodbye(self) -> None:
        """Everybody leaves, also on the devices that a test made on its way."""
        leaving, Caller.everybody[:] = list(Caller.everybody), []
        for caller in leaving:
            caller.leave()
