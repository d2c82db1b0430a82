"""Tables and the questions they answer."""

from chatx.models.block import Block
from chatx.models.device import Device
from chatx.models.feed import Change
from chatx.models.hidden import HiddenRange, LastHide
from chatx.models.membership import Membership
from chatx.models.mention import Mention
from chatx.models.message import Message
from chatx.models.message_edit import MessageEdit
from chatx.models.receipt import ReceiptMove
from chatx.models.room import Room
from chatx.models.search.tables import SearchEntry, SearchMark, SearchSlice
from chatx.models.submission import Submission
from chatx.models.timer import Timer
from chatx.models.user import Contact, User

__all__ = [
    "Block",
    "Change",
    "Contact",
    "Device",
    "HiddenRange",
    "LastHide",
    "Membership",
    "Mention",
    "Message",
    "MessageEdit",
    "ReceiptMove",
    "Room",
    "SearchEntry",
    "SearchMark",
    "SearchSlice",
    "Submission",
    "Timer",
    "User",
]
