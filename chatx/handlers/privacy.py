"""Privacy: what people tell others about themselves."""

from chatx import access
from chatx.context import Context
from chatx.models.user import User
from chatx.registry import announces, handles
from chatx.schemas.base import Nothing
from chatx.schemas.privacy import PrivacyIn, PrivacyOut, PrivacyUpdated

announces(PrivacyUpdated)


@handles("privacy:get", takes=Nothing, gives=PrivacyOut, reads=True)
def get_privacy(ctx: Context) -> User:
    """Get what you tell others about yourself."""
    return access.user_for(ctx.user_id)


@handles("privacy:set", takes=PrivacyIn, gives=PrivacyOut)
def set_privacy(ctx: Context, **chosen: bool) -> User:
    """Change what you tell others about yourself: only the fields you send."""
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    changed = {name: value for name, value in chosen.items() if getattr(me, name) != value}
    for name, value in changed.items():
        setattr(me, name, value)
    if changed:
        ctx.change(me, "privacy:updated", me.id, privacy=me)
    return me
