"""Contacts: the people somebody keeps."""

from typing import Any

from chatx import access
from chatx.context import Context
from chatx.errors import Conflict, NotFound
from chatx.models.user import Contact
from chatx.registry import announces, handles
from chatx.schemas.user import ContactIn, ContactListOut, ContactOut, ContactsIn, ContactsUpdated, UserIn
from config import LIMITS

announces(ContactsUpdated)


@handles("contact:list", takes=ContactsIn, gives=ContactListOut, reads=True)
def list_contacts(ctx: Context, limit: int, cursor: tuple[str] | None = None) -> dict[str, Any]:
    """List your contacts by user name."""
    page = Contact.page(ctx.user_id, None, cursor[0] if cursor else None, limit + 1)
    more = (page[limit - 1][1].username,) if len(page) > limit else None
    return {"items": [contact.beside(user) for contact, user in page[:limit]], "next": more}


@handles("contact:get", takes=UserIn, gives=ContactOut, reads=True, raises=(NotFound,))
def get_contact(ctx: Context, user_id: str) -> dict[str, Any]:
    """Get one of your contacts."""
    return access.contact_for(ctx.user_id, user_id).beside(access.user_for(user_id))


@handles("contact:set", takes=ContactIn, gives=ContactOut, raises=(NotFound, Conflict))
def set_contact(ctx: Context, user_id: str, name: str | None) -> dict[str, Any]:
    """Keep someone as a contact, or give them another name."""
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    person = access.user_for(user_id)
    kept = Contact.keep(ctx.user_id, person.id, name, ctx.now).beside(person)
    if Contact.count(ctx.user_id) > LIMITS["contacts"]:
        raise Conflict(f"More than contacts: {LIMITS['contacts']}.")
    ctx.change(me, "contacts:updated", user_id, data={"user_id": user_id}, contact=kept)
    return kept


@handles("contact:remove", takes=UserIn, raises=(NotFound,))
def remove_contact(ctx: Context, user_id: str) -> None:
    """Let a contact go."""
    me = access.own_feeds([ctx.user_id])[ctx.user_id]
    access.contact_for(ctx.user_id, user_id).let_go()
    ctx.change(me, "contacts:updated", user_id, data={"user_id": user_id}, contact=None)
