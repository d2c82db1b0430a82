"""The serverless-style chat handlers: one small stateless function per event. Importing them fills the registry."""

from chatx.handlers import (
    accounts,
    contacts,
    devices,
    history,
    members,
    messages,
    receipts,
    retention,
    rooms,
    server,
    sync,
    users,
)

__all__ = [
    "accounts",
    "contacts",
    "devices",
    "history",
    "members",
    "messages",
    "receipts",
    "retention",
    "rooms",
    "server",
    "sync",
    "users",
]
