"""The device list, and signing a device out from another one."""

import time

import pytest
import socketio

from config import LIMITS
from tests.support.people import Person


def test_devices_are_listed_and_heard_of(alice: Person) -> None:
    alice.live()
    laptop = alice.another_device()
    assert alice.hears("device:added")["device"]["id"] == laptop.device_id
    assert [device["id"] for device in alice.get("/auth/devices").body["items"]] == [alice.device_id, laptop.device_id]
    assert alice.ask("device:list") == laptop.get("/auth/devices").body


def test_a_device_signed_out_elsewhere_is_cut_off_within_a_second(alice: Person) -> None:
    alice.live()
    laptop = alice.another_device().live()
    began = time.monotonic()
    assert alice.delete(f"/auth/devices/{laptop.device_id}").status == 204
    assert alice.hears("device:removed") | {"seq": 0, "at": ""} == {
        "feed": "me",
        "seq": 0,
        "type": "device:removed",
        "at": "",
        "actor_id": alice.id,
        "device_id": laptop.device_id,
    }
    while laptop.socket.connected:
        assert time.monotonic() - began < 1
        time.sleep(0.01)
    assert laptop.get("/users/me").code == "device_revoked"
    with pytest.raises(socketio.exceptions.ConnectionError):
        laptop.live()
    assert alice.ask("user:me")["id"] == alice.id


def test_signing_out_over_the_socket_closes_it(alice: Person) -> None:
    laptop = alice.another_device().live()
    laptop.ask("auth:logout")
    laptop.socket.wait()
    assert alice.get("/auth/devices").body["items"] == [alice.session["device"]]


def test_signing_in_once_too_often_signs_the_oldest_device_out(alice: Person) -> None:
    devices = [alice.another_device() for _ in range(LIMITS["devices"])]
    assert alice.get("/users/me").code == "device_revoked"
    listed = [device["id"] for device in devices[0].get("/auth/devices").body["items"]]
    assert listed == [device.device_id for device in devices]


def test_the_device_of_somebody_else_is_not_found(alice: Person, mallory: Person) -> None:
    assert mallory.delete(f"/auth/devices/{alice.device_id}").code == "not_found"
    assert alice.get("/users/me").status == 200
