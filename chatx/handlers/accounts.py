"""Accounts: sign up, log in, keep a session fresh, change the password."""

from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import Conflict, DeviceRevoked, Forbidden, TokenExpired, Unauthenticated, UsernameTaken
from chatx.models.device import Device
from chatx.models.user import User
from chatx.registry import announces, handles
from chatx.schemas.session import DeviceAdded, DeviceRemoved, LoginIn, PasswordIn, RegisterIn, SessionOut, TokenIn
from chatx.services import tokens
from chatx.services.limits import limits
from chatx.services.passwords import passwords
from chatx.services.policy import policy
from config import LIMITS

announces(DeviceAdded)
announces(DeviceRemoved)


def _hash_password(ctx: Context, password: str, **arguments: Any) -> dict[str, Any]:
    return {"password_hash": passwords.hash(password), **arguments}


def _hash_password_if_open(ctx: Context, **arguments: Any) -> dict[str, Any]:
    if policy.registration != "open":
        raise Forbidden("Registration is closed on this server.")
    return _hash_password(ctx, **arguments)


@handles(
    "auth:register",
    takes=RegisterIn,
    gives=SessionOut,
    guard="public",
    raises=(UsernameTaken, Forbidden),
    bucket="register",
    prepares=_hash_password_if_open,
)
def register(ctx: Context, username: str, password_hash: str, display_name: str, device_name: str) -> dict[str, Any]:
    """Sign up, and sign in with a first device."""
    user = User.sign_up(username, password_hash, display_name, ctx.now)
    if user is None:
        raise UsernameTaken(fields={"username": ["This user name is taken."]})
    return _session(ctx, user, Device.sign_in(user.id, device_name, ctx.now))


@handles("auth:create", takes=RegisterIn, guard="public", bucket=None, prepares=_hash_password, internal=True)
def create(ctx: Context, username: str, password_hash: str, display_name: str, device_name: str) -> dict[str, Any]:
    """Create a person on the owner's behalf, also where registration is closed."""
    return register(ctx, username, password_hash, display_name, device_name)


def _check_password(ctx: Context, username: str, password: str, device_name: str) -> dict[str, Any]:
    """Equal answers and equal time whether the name or the password is wrong."""
    name = username.lower()
    account = f"{name}@{ctx.address}"
    limits.refuse("login_address", ctx.address)
    limits.refuse("login_account", account)
    known = ctx.read(lambda: User.named(name))
    if not passwords.verify(known and known.password_hash, password):
        limits.count("login_address", ctx.address)
        limits.count("login_account", account)
        raise Unauthenticated("The user name or the password is wrong.")
    return {"user_id": known.id, "verified_hash": known.password_hash, "device_name": device_name}


@handles(
    "auth:login",
    takes=LoginIn,
    gives=SessionOut,
    guard="public",
    raises=(Unauthenticated,),
    bucket="logins",
    prepares=_check_password,
)
def log_in(ctx: Context, user_id: str, verified_hash: str, device_name: str) -> dict[str, Any]:
    """Sign in with a new device."""
    user = access.own_feeds([user_id])[user_id]
    if user.password_hash != verified_hash:
        raise Unauthenticated("The user name or the password is wrong.")
    signed_in = Device.signed_in(user_id)
    for oldest in signed_in[: max(0, len(signed_in) + 1 - LIMITS["devices"])]:
        ctx.sign_out(user, oldest)
    device = Device.sign_in(user_id, device_name, ctx.now)
    ctx.change(user, "device:added", device.id, device=device)
    return _session(ctx, user, device)


@handles("auth:refresh", takes=TokenIn, gives=SessionOut, guard="refresh", raises=(TokenExpired, DeviceRevoked))
def refresh(ctx: Context, token: str) -> dict[str, Any] | DeviceRevoked:
    """Trade a refresh token for a new pair; a token that was spent before signs its device out."""
    claims = tokens.read(token, "refresh")
    user = access.own_feeds([claims.user_id]).get(claims.user_id)
    device = access.device_of_token(claims.user_id, claims.device_id, lock=True)
    if user is None:
        raise Unauthenticated("The token is of a person who does not exist.")
    if device.refresh_id != claims.refresh_id:
        ctx.sign_out(user, device)
        return DeviceRevoked("This refresh token was spent before: the device is signed out.")
    device.spend_refresh()
    device.last_seen_at = ctx.now
    return _session(ctx, user, device)


def _check_current_password(ctx: Context, current_password: str, new_password: str) -> dict[str, Any]:
    account = f"{ctx.user_id}@{ctx.address}"
    limits.refuse("login_account", account)
    known = ctx.read(lambda: access.user_for(ctx.user_id))
    if not passwords.verify(known.password_hash, current_password):
        limits.count("login_account", account)
        raise Forbidden("The current password is wrong.")
    return {"verified_hash": known.password_hash, "password_hash": passwords.hash(new_password)}


@handles("auth:password", takes=PasswordIn, raises=(Forbidden, Conflict), prepares=_check_current_password)
def change_password(ctx: Context, verified_hash: str, password_hash: str) -> None:
    """Change the password and sign out all other devices."""
    user = access.own_feeds([ctx.user_id])[ctx.user_id]
    if user.password_hash != verified_hash:
        raise Conflict("The password was changed elsewhere at this moment.")
    user.password_hash = password_hash
    for device in Device.signed_in(user.id):
        if device.id != ctx.device_id:
            ctx.sign_out(user, device)


def _session(ctx: Context, user: User, device: Device) -> dict[str, Any]:
    access_token, refresh_token, expires_in = tokens.issue(user.id, device.id, device.refresh_id)
    return {
        "user": user,
        "device": device,
        "access_token": access_token,
        "refresh_token": refresh_token,
        "token_type": "Bearer",
        "expires_in": expires_in,
    }
