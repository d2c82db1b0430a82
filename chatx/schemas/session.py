"""Accounts, devices and sessions."""

from marshmallow import ValidationError, fields

from chatx.schemas.base import In, Out
from chatx.schemas.change import OwnChange, Signal
from chatx.schemas.values import Id, Shape, Time, Words
from config import LIMITS


class Username(fields.String):
    """Case does not count: kept in lower case."""

    def __init__(self, **kwargs: object) -> None:
        shape = rf"[A-Za-z0-9_.]{{{LIMITS['username_min_characters']},{LIMITS['username_characters']}}}"
        wrong = "3–32 of a–z, 0–9, _ and . (username_min_characters, username_characters)."
        super().__init__(validate=Shape(shape, error=wrong), **kwargs)  # type: ignore[arg-type]


class Password(fields.String):
    """Kept as sent; only ever hashed."""

    def __init__(self, *, least: int = 0, **kwargs: object) -> None:
        super().__init__(validate=self._fits, load_only=True, **kwargs)  # type: ignore[arg-type]
        self.least = least

    def _fits(self, password: str) -> None:
        if len(password.encode()) > LIMITS["password_bytes"]:
            raise ValidationError(f"Longer than password_bytes: {LIMITS['password_bytes']}.")
        if len(password) < self.least:
            raise ValidationError(f"Shorter than password_min_characters: {self.least}.")


def device_name() -> Words:
    return Words(most="device_name_characters", load_default="unnamed device", least=1)


class RegisterIn(In):
    username = Username(required=True)
    password = Password(least=LIMITS["password_min_characters"], required=True)
    display_name = Words(most="display_name_characters", least=1, required=True)
    device_name = device_name()


class LoginIn(In):
    username = fields.String(required=True)
    password = Password(required=True)
    device_name = device_name()


class PasswordIn(In):
    current_password = Password(required=True)
    new_password = Password(least=LIMITS["password_min_characters"], required=True)


class TokenIn(In):
    token = fields.String(required=True)


class DeviceIn(In):
    device_id = Id(required=True)


class DeviceOut(Out):
    id = Id()
    name = fields.String()
    created_at = Time()
    last_seen_at = Time()


class DeviceListOut(Out):
    items = fields.List(fields.Nested(DeviceOut))
    next = fields.String(allow_none=True)


class SessionOut(Out):
    user = fields.Nested("UserOut")
    device = fields.Nested(DeviceOut)
    access_token = fields.String()
    refresh_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer(metadata={"description": "seconds"})


class DeviceAdded(OwnChange):
    """A device of yours signed in."""

    event = "device:added"
    device = fields.Nested(DeviceOut)


class DeviceRemoved(OwnChange):
    """A device of yours was signed out."""

    event = "device:removed"
    device_id = Id()


class Ready(Signal):
    """You are connected: sent once, right after the connection is accepted."""

    event = "ready"
    user_id = Id()
    device_id = Id()
    server_time = Time()
    session = fields.String(metadata={"description": "this connection, for support and logs"})


class SyncHint(Signal):
    """You may have missed something: call sync."""

    event = "sync:hint"


class ServerDrain(Signal):
    """This server is going away: reconnect after so many milliseconds, then sync."""

    event = "server:drain"
    reconnect_after_ms = fields.Integer()
