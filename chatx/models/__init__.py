"""Tables and the questions they answer."""

from chatx.models.block import Block
from chatx.models.device import Device
from chatx.models.feed import Change
from chatx.models.membership import Membership
from chatx.models.message import Mention, Message
from chatx.models.receipt import ReceiptMove
from chatx.models.room import Room
from chatx.models.submission import Submission
from chatx.models.timer import Timer
from chatx.models.user import Contact, User

__all__ = [
    "Block",
    "Change",
    "Contact",
    "Device",
    "Membership",
    "Mention",
    "Message",
    "ReceiptMove",
    "Room",
    "Submission",
    "Timer",
    "User",
]
