"""Devices: who speaks, which devices are signed in, and signing them out."""

from collections.abc import Sequence
from typing import Any

from chatx import access
from chatx.context import Actor, BatchCall, Context
from chatx.errors import ChatError, DeviceRevoked, NotFound, TokenExpired
from chatx.models.device import Device
from chatx.registry import announces, handles
from chatx.schemas.base import Nothing
from chatx.schemas.session import DeviceIn, DeviceListOut, Ready, ServerDrain, SyncHint, TokenIn
from chatx.services import tokens

announces(Ready)
announces(SyncHint)
announces(ServerDrain)


@handles(
    "device:identify",
    takes=TokenIn,
    guard="public",
    reads=True,
    raises=(TokenExpired, DeviceRevoked),
    bucket=None,
    internal=True,
)
def identify(ctx: Context, token: str) -> Actor:
    """Find out who an access token speaks for."""
    claims = tokens.read(token, "access")
    return _actor(access.device_of_token(claims.user_id, claims.device_id))


@handles(
    "device:connect",
    takes=TokenIn,
    guard="public",
    raises=(TokenExpired, DeviceRevoked),
    bucket="connects",
    internal=True,
    batch=True,
)
def connect(calls: Sequence[BatchCall]) -> list[Actor | ChatError]:
    """Find out who connects, and note that their devices were seen."""
    claimed = [_claimed(call.arguments["token"]) for call in calls]
    devices = access.devices_of_tokens(pair for pair in claimed if not isinstance(pair, ChatError))
    answers = [pair if isinstance(pair, ChatError) else devices[pair] for pair in claimed]
    Device.seen([device for device in answers if isinstance(device, Device)], calls[0].ctx.now)
    return [_actor(answer) if isinstance(answer, Device) else answer for answer in answers]


@handles("device:list", takes=Nothing, gives=DeviceListOut, reads=True)
def list_devices(ctx: Context) -> dict[str, Any]:
    """List your signed-in devices, oldest first."""
    return {"items": Device.signed_in(ctx.user_id), "next": None}


@handles("device:revoke", takes=DeviceIn, raises=(NotFound,))
def revoke(ctx: Context, device_id: str) -> None:
    """Sign one of your devices out; its connections close within a second."""
    user = access.own_feeds([ctx.user_id])[ctx.user_id]
    ctx.sign_out(user, access.device_for(ctx.user_id, device_id))


@handles("auth:logout", takes=Nothing)
def log_out(ctx: Context) -> None:
    """Sign this device out."""
    user = access.own_feeds([ctx.user_id])[ctx.user_id]
    ctx.sign_out(user, access.device_for(ctx.user_id, ctx.device_id))


def _actor(device: Device) -> Actor:
    return Actor(device.user_id, device.id)


def _claimed(token: str) -> tuple[str, str] | ChatError:
    """(user id, device id) of a good access token."""
    try:
        claims = tokens.read(token, "access")
    except ChatError as error:
        return error
    return claims.user_id, claims.device_id
