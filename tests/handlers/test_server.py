"""What everybody may know of the server."""

import requests

from config import LIMITS
from tests.support.people import Caller, Person


def test_the_configuration_names_every_limit(nobody: Caller, alice: Person) -> None:
    config = nobody.get("/config").body
    assert (config["api_level"], config["limits"], config["registration"]) == (1, LIMITS, "open")
    assert "sync" in config["features"]


def test_configuration_is_not_served_on_sockets_but_everything_of_a_device_is(alice: Person) -> None:
    """ "config:get" needs no sign-in, so it has no place behind one."""
    ack = alice.live().socket.call("config:get", {}, namespace="/chat")
    assert ack["error"]["code"] == "not_found"


def test_the_process_lives_and_is_ready(nobody: Caller, backend: str) -> None:
    assert requests.get(f"{nobody.server.url}/healthz", timeout=5).json() == {"status": "ok"}
    ready = requests.get(f"{nobody.server.url}/readyz", timeout=5)
    assert ready.json() == {"status": "ok", "database": "ok", "redis": "ok" if backend == "postgres" else "none"}


def test_the_docs_fetch_nothing_from_elsewhere(nobody: Caller) -> None:
    page = requests.get(f"{nobody.server.url}/docs/", timeout=5)
    assert page.status_code == 200
    addresses = [part.split('"')[0] for part in page.text.split('src="')[1:] + page.text.split('href="')[1:]]
    assert addresses
    assert all(address.startswith("/docs/") for address in addresses)
    for address in addresses:
        assert requests.get(f"{nobody.server.url}{address}", timeout=5).status_code == 200
