"""Contacts: kept, renamed, let go, listed; nobody else learns of it."""

import uuid

from tests.support.people import Cast, Person


def test_a_contact_is_kept_under_a_name_of_ones_own(alice: Person, bob: Person) -> None:
    laptop = alice.another_device().live()
    bob.live().forget()
    kept = alice.put(f"/users/me/contacts/{bob.id}", {"name": "Bobby"}).body
    assert (kept["user_id"], kept["name"], kept["user"]["username"]) == (bob.id, "Bobby", bob.user["username"])
    assert laptop.hears("contacts:updated")["contact"] == kept
    assert alice.get(f"/users/me/contacts/{bob.id}").body == kept == alice.ask("contact:get", {"user_id": bob.id})
    assert bob.events("contacts:updated") == []


def test_a_contact_is_renamed_without_becoming_a_new_one(alice: Person, bob: Person) -> None:
    first = alice.put(f"/users/me/contacts/{bob.id}", {"name": "Bobby"}).body
    second = alice.ask("contact:set", {"user_id": bob.id, "name": "Robert"})
    assert second == {**first, "name": "Robert"}


def test_a_contact_is_let_go(alice: Person, bob: Person) -> None:
    alice.live().put(f"/users/me/contacts/{bob.id}")
    alice.hears("contacts:updated")
    assert alice.delete(f"/users/me/contacts/{bob.id}").status == 204
    assert alice.hears("contacts:updated")["contact"] is None
    assert alice.delete(f"/users/me/contacts/{bob.id}").code == "not_found"
    assert alice.get(f"/users/me/contacts/{bob.id}").code == "not_found"


def test_nobody_can_be_kept_who_does_not_exist(alice: Person) -> None:
    assert alice.put(f"/users/me/contacts/{uuid.uuid4()}").code == "not_found"


def test_contacts_are_listed_page_by_page(alice: Person, cast: Cast) -> None:
    people = [cast.person(name) for name in ("bob", "carol", "dave")]
    for person in people:
        alice.put(f"/users/me/contacts/{person.id}")
    listed, cursor = [], {}
    while True:
        page = alice.get("/users/me/contacts", limit=2, **cursor).body
        listed += [contact["user_id"] for contact in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert listed == [person.id for person in people]
    assert alice.ask("contact:list")["next"] is None


def test_a_cursor_that_is_none_is_refused(alice: Person) -> None:
    for cursor in ("x", "W10", "WzFd", "bnVsbA", "eyJhIjoxfQ", "%00"):
        answer = alice.get("/users/me/contacts", cursor=cursor)
        assert (answer.status, list(answer.body["fields"])) == (422, ["cursor"])
