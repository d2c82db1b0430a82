"""The serverless-style chat handlers: one small stateless function per event. Importing them fills the registry."""

from chatx.handlers import (
    accounts,
    audiences,
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
    "audiences",
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
