"""People: their own profile, and finding others."""

from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import NotFound
from chatx.models.user import Contact, User
from chatx.registry import announces, handles
from chatx.schemas.base import Nothing
from chatx.schemas.user import FindUsersIn, ProfileIn, ProfileUpdated, UserIn, UserListOut, UserOut

announces(ProfileUpdated)


@handles("user:me", takes=Nothing, gives=UserOut, reads=True)
def get_me(ctx: Context) -> User:
    """Get your own profile."""
    return access.user_for(ctx.user_id)


@handles("user:update", takes=ProfileIn, gives=UserOut)
def update_me(ctx: Context, **profile: Any) -> User:
    """Change your own profile: only the fields you send."""
    user = access.own_feeds([ctx.user_id])[ctx.user_id]
    changed = {name: value for name, value in profile.items() if getattr(user, name) != value}
    for name, value in changed.items():
        setattr(user, name, value)
    if changed:
        ctx.change(user, "profile:updated", user.id, user=user)
    return user


@handles("user:get", takes=UserIn, gives=UserOut, reads=True, raises=(NotFound,))
def get_user(ctx: Context, user_id: str) -> User:
    """Get one person by id."""
    return access.user_for(user_id)


@handles("user:find", takes=FindUsersIn, gives=UserListOut, reads=True)
def find_users(ctx: Context, username: str, limit: int) -> dict[str, Any]:
    """Find the person of exactly this user name, and your contacts whose user name begins with it."""
    exact = User.named(username)
    contacts = [user for _, user in Contact.page(ctx.user_id, username, None, limit)] if username else []
    found = {user.id: user for user in [*([exact] if exact else []), *contacts]}
    return {"items": list(found.values())[:limit], "next": None}
