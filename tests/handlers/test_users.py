"""Profiles, and finding people by exact user name."""

import uuid

import pytest

from tests.support.people import Caller, Person


def test_a_profile_is_changed_field_by_field_and_told_to_own_devices(alice: Person, bob: Person) -> None:
    laptop = alice.another_device().live()
    bob.live().forget()
    changed = alice.patch("/users/me", {"about": "at the lake"}).body
    assert changed == {**alice.user, "about": "at the lake"}
    assert laptop.hears("profile:updated")["user"] == changed
    assert bob.get(f"/users/{alice.id}").body == changed
    assert bob.events("profile:updated")[:-1] == []


def test_a_profile_changed_to_what_it_is_tells_nobody(alice: Person) -> None:
    before = alice.post("/sync").body["cursors"]["me"]
    alice.patch("/users/me", {"display_name": "Alice"})
    alice.patch("/users/me", {})
    assert alice.post("/sync").body["cursors"]["me"] == before


@pytest.mark.parametrize(
    "wrong", [{"display_name": ""}, {"about": "x" * 501}, {"avatar": str(uuid.uuid4())}, {"username": "new"}]
)
def test_a_wrong_field_is_named_and_nothing_changes(alice: Person, wrong: dict[str, str]) -> None:
    answer = alice.patch("/users/me", {"about": "changed", **wrong})
    assert answer.status == 422
    assert answer.body["fields"].keys() == wrong.keys()
    assert alice.get("/users/me").body == alice.user


def test_people_are_found_by_exact_user_name(alice: Person, bob: Person) -> None:
    username = bob.user["username"]
    assert alice.get("/users", username=username).body["items"] == [bob.user]
    assert alice.get("/users", username=username.upper()).body["items"] == [bob.user]
    assert alice.get("/users", username=username[:-1]).body["items"] == []
    assert alice.ask("user:find", {"username": username})["items"] == [bob.user]


def test_contacts_are_found_by_the_beginning_of_their_user_name(alice: Person, bob: Person, mallory: Person) -> None:
    alice.put(f"/users/me/contacts/{bob.id}")
    assert alice.get("/users", username=bob.user["username"][:-2]).body["items"] == [bob.user]
    assert mallory.get("/users", username=bob.user["username"][:-2]).body["items"] == []


def test_a_percent_sign_finds_nobody(alice: Person, bob: Person) -> None:
    alice.put(f"/users/me/contacts/{bob.id}")
    for pattern in ("%", "_" * len(bob.user["username"]), "\\"):
        assert alice.get("/users", username=pattern).body["items"] == []


def test_nobody_finds_anybody(nobody: Caller, alice: Person) -> None:
    assert nobody.get(f"/users/{alice.id}").code == "unauthenticated"


def test_an_unknown_person_is_not_found(alice: Person) -> None:
    assert alice.get(f"/users/{uuid.uuid4()}").code == "not_found"
    assert alice.get("/users/not-an-id").code == "not_found"
    assert alice.ask("user:get", {"user_id": alice.id}) == alice.user
