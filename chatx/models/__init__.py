"""Tables and the questions they answer."""

from chatx.models.block import Block
from chatx.models.device import Device
from chatx.models.event import Event, EventAnswer
from chatx.models.export import Export
from chatx.models.feed import Change
from chatx.models.hidden import HiddenRange, LastHide
from chatx.models.live_location import LiveLocation, LivePosition
from chatx.models.membership import Membership
from chatx.models.mention import Mention
from chatx.models.message import Message
from chatx.models.message_edit import MessageEdit
from chatx.models.pin import Pin
from chatx.models.poll import Poll, PollVote
from chatx.models.reaction import Reaction
from chatx.models.receipt import ReceiptMove
from chatx.models.reminder import Reminder
from chatx.models.room import Room
from chatx.models.scheduled import Scheduled
from chatx.models.search.tables import SearchEntry, SearchMark, SearchSlice
from chatx.models.star import Star
from chatx.models.submission import Submission
from chatx.models.timer import Timer
from chatx.models.user import Contact, User
from chatx.models.version import Version
from chatx.models.view_once import Opening, Sealed, ViewOnce

__all__ = [
    "Block",
    "Change",
    "Contact",
    "Device",
    "Event",
    "EventAnswer",
    "Export",
    "HiddenRange",
    "LastHide",
    "LiveLocation",
    "LivePosition",
    "Membership",
    "Mention",
    "Message",
    "MessageEdit",
    "Opening",
    "Pin",
    "Poll",
    "PollVote",
    "Reaction",
    "ReceiptMove",
    "Reminder",
    "Room",
    "Scheduled",
    "Sealed",
    "SearchEntry",
    "SearchMark",
    "SearchSlice",
    "Star",
    "Submission",
    "Timer",
    "User",
    "Version",
    "ViewOnce",
]
