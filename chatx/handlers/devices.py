"""Devices: who speaks, which devices are signed in, and signing them out."""

from typing import Any

from chatx import access
from chatx.context import Actor, Context
from chatx.errors import DeviceRevoked, NotFound, TokenExpired
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
)
def connect(ctx: Context, token: str) -> Actor:
    """Find out who connects, and note that their device was seen."""
    claims = tokens.read(token, "access")
    device = access.device_of_token(claims.user_id, claims.device_id)
    device.seen(ctx.now)
    return _actor(device)


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
