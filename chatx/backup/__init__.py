"""Backups: the whole database in one file that either database can be restored from, taken while people talk.

The file is a zip: a file of JSON lines for each table, and a manifest that says what stands in them.
"""

from chatx.backup.restore import restore, verify
from chatx.backup.sheet import BackupError
from chatx.backup.take import take

__all__ = ["BackupError", "restore", "take", "verify"]
