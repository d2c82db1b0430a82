"""The lean wire under Flask-SocketIO: what a connection costs while it waits, and what a message costs that passes."""

OUTBOX_FULL = "outbox full"  # why a connection is closed whose client does not read
