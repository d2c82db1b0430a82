"""Settings: what people choose for themselves."""

from chatx import access
from chatx.context import Context
from chatx.models.stirred import keep_archived
from chatx.models.user import User
from chatx.registry import announces, handles
from chatx.schemas.base import Nothing
from chatx.schemas.own_settings import OwnSettingsIn, OwnSettingsOut, SettingsUpdated

announces(SettingsUpdated)


@handles("settings:get", takes=Nothing, gives=OwnSettingsOut, reads=True)
def get_settings(ctx: Context) -> User:
    """Get what you chose for yourself."""
    return access.user_for(ctx.user_id)


@handles("settings:set", takes=OwnSettingsIn, gives=OwnSettingsOut)
def set_settings(ctx: Context, **chosen: bool) -> User:
    """Choose for yourself: only the fields you send."""
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    changed = {name: value for name, value in chosen.items() if getattr(me, name) != value}
    for name, value in changed.items():
        setattr(me, name, value)
    if "keep_archived" in changed:
        keep_archived(me.id, keep=me.keep_archived)
    if changed:
        ctx.change(me, "settings:updated", me.id, settings=me)
    return me
