"""The serverless-style chat handlers: one small stateless function per event. Importing them fills the registry."""

from chatx.handlers import (
    accounts,
    audiences,
    blocks,
    contacts,
    devices,
    history,
    members,
    messages,
    privacy,
    receipts,
    retention,
    rooms,
    search,
    server,
    sync,
    users,
)

__all__ = [
    "accounts",
    "audiences",
    "blocks",
    "contacts",
    "devices",
    "history",
    "members",
    "messages",
    "privacy",
    "receipts",
    "retention",
    "rooms",
    "search",
    "server",
    "sync",
    "users",
]
