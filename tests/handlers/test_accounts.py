"""Signing up, signing in, keeping a session fresh, and changing the password."""

import statistics
import time

import jwt
import pytest

from tests.support.people import PASSWORD, Caller, Cast, Person, Refused


def log_in(caller: Caller, username: str, password: str = PASSWORD):
    return caller.post("/auth/login", {"username": username, "password": password})


def test_signing_up_signs_in(nobody: Caller, cast: Cast) -> None:
    alice = cast.person("alice")
    assert alice.user["display_name"] == "Alice"
    assert alice.session["device"]["name"] == "first"
    assert (alice.session["token_type"], alice.session["expires_in"]) == ("Bearer", 900)
    assert alice.get("/users/me").body == alice.user


def test_a_user_name_is_taken_whatever_its_case(alice: Person, nobody: Caller) -> None:
    body = {"username": alice.user["username"].upper(), "password": PASSWORD, "display_name": "Mallory"}
    answer = nobody.post("/auth/register", body)
    assert (answer.status, answer.code, list(answer.body["fields"])) == (409, "username_taken", ["username"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "ab"),
        ("username", "x" * 33),
        ("username", "with space"),
        ("username", "bob\n"),
        ("username", "böb"),
        ("password", "too short"),
        ("password", "x" * 1_025),
        ("display_name", ""),
        ("display_name", "   "),
        ("display_name", "x" * 65),
        ("device_name", "x" * 65),
    ],
)
def test_what_nobody_can_be_called_is_refused_by_field(nobody: Caller, field: str, value: str) -> None:
    body = {"username": "somebody_new", "password": PASSWORD, "display_name": "Somebody", field: value}
    answer = nobody.post("/auth/register", body)
    assert (answer.status, list(answer.body["fields"])) == (422, [field])


def test_a_wrong_name_and_a_wrong_password_answer_alike(alice: Person, nobody: Caller) -> None:
    wrong_name = log_in(nobody, "nobody_of_this_name")
    wrong_password = log_in(nobody, alice.user["username"], "not her password")
    assert wrong_name.status == wrong_password.status == 401
    assert {**wrong_name.body, "request_id": ""} == {**wrong_password.body, "request_id": ""}


def test_a_wrong_name_is_hashed_like_a_wrong_password(alice: Person, nobody: Caller) -> None:
    """Equal work, not equal milliseconds: without the dummy hash the unknown name answers many times faster."""

    def took(username: str) -> float:
        began = time.perf_counter()
        log_in(nobody, username, "not the password")
        return time.perf_counter() - began

    ratios = [took("nobody_of_this_name") / took(alice.user["username"]) for _ in range(15)]
    assert 0.4 < statistics.median(ratios) < 2.5


def test_a_refresh_token_buys_one_new_pair(alice: Person, nobody: Caller) -> None:
    first = nobody.call("POST", "/auth/refresh", token=alice.session["refresh_token"])
    assert first.status == 200
    assert first.body["device"]["id"] == alice.device_id
    second = nobody.call("POST", "/auth/refresh", token=first.body["refresh_token"])
    assert second.status == 200
    assert nobody.call("GET", "/users/me", token=second.body["access_token"]).body["id"] == alice.id


def test_a_spent_refresh_token_signs_its_device_out(alice: Person, nobody: Caller) -> None:
    laptop = alice.another_device().live()
    spent = laptop.session["refresh_token"]
    fresh = nobody.call("POST", "/auth/refresh", token=spent).body
    stolen = nobody.call("POST", "/auth/refresh", token=spent)
    assert (stolen.status, stolen.code) == (401, "device_revoked")
    for token in (laptop.token, fresh["access_token"]):
        assert nobody.call("GET", "/users/me", token=token).code == "device_revoked"
    assert nobody.call("POST", "/auth/refresh", token=fresh["refresh_token"]).code == "device_revoked"
    assert alice.get("/users/me").status == 200


def test_an_access_token_cannot_refresh_and_a_refresh_token_cannot_act(alice: Person, nobody: Caller) -> None:
    assert nobody.call("POST", "/auth/refresh", token=alice.token).code == "unauthenticated"
    assert nobody.call("GET", "/users/me", token=alice.session["refresh_token"]).code == "unauthenticated"


def test_signing_out_ends_this_device_only(alice: Person, nobody: Caller) -> None:
    laptop = alice.another_device()
    assert laptop.post("/auth/logout").status == 204
    assert laptop.get("/users/me").code == "device_revoked"
    assert nobody.call("POST", "/auth/refresh", token=laptop.session["refresh_token"]).code == "device_revoked"
    assert alice.get("/users/me").status == 200


def test_a_new_password_signs_the_other_devices_out(alice: Person, nobody: Caller) -> None:
    laptop = alice.another_device()
    new = "a new password for alice"
    assert alice.post("/auth/password", {"current_password": PASSWORD, "new_password": new}).status == 204
    assert laptop.get("/users/me").code == "device_revoked"
    assert alice.get("/users/me").status == 200
    assert log_in(nobody, alice.user["username"]).status == 401
    assert log_in(nobody, alice.user["username"], new).status == 200


def test_the_password_is_changed_only_by_who_knows_it(alice: Person) -> None:
    wrong = {"current_password": "not her password", "new_password": "a new password for alice"}
    assert alice.post("/auth/password", wrong).code == "forbidden"
    with pytest.raises(Refused, match="forbidden"):
        alice.ask("auth:password", wrong)


def test_tokens_carry_no_more_than_who_and_which_device(alice: Person) -> None:
    claims = jwt.decode(alice.token, options={"verify_signature": False})
    assert claims.keys() == {"sub", "device", "type", "fresh", "iat", "nbf", "exp", "jti"}
    assert (claims["sub"], claims["device"], claims["exp"] - claims["iat"]) == (alice.id, alice.device_id, 900)
