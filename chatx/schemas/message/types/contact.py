"""People whom somebody recommends, with or without an account here."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from chatx.schemas.base import In, Out
from chatx.schemas.message.types.base import MessageType, Wrong
from chatx.schemas.values import Id, Some, Words


def _details() -> Some:
    return Some(Words(most="contact_detail_characters", least=1), most="contact_details", load_default=list)


class ContactCardIn(In):
    display_name = Words(most="display_name_characters", least=1, required=True)
    user_id = Id(allow_none=True, load_default=None)
    phones = _details()
    emails = _details()


class ContactDataIn(In):
    """`contact`: cards of people."""

    contacts = Some(fields.Nested(ContactCardIn), least=1, most="contact_cards", required=True)


class ContactCardOut(Out):
    display_name = fields.String()
    user_id = Id(allow_none=True, metadata={"description": "who has an account here"})
    phones = fields.List(fields.String())
    emails = fields.List(fields.String())


class ContactDataOut(Out):
    """`contact`: cards of people."""

    contacts = fields.List(fields.Nested(ContactCardOut), validate=validate.Length(min=1))


class Contact(MessageType):
    name = "contact"
    takes, gives = ContactDataIn(), ContactDataOut()
    captioned = True

    @staticmethod
    def fallback(data: Mapping[str, Any]) -> str:
        first, *others = (card["display_name"] for card in data["contacts"])
        return f"Contacts: {first} and {len(others)} more" if others else f"Contact: {first}"

    @staticmethod
    def people(data: Mapping[str, Any]) -> Sequence[str]:
        return [card["user_id"] for card in data["contacts"] if card["user_id"] is not None]

    @staticmethod
    def wrong(data: Mapping[str, Any], now: datetime, people: Container[str]) -> Wrong:
        unknown = [f"{user_id} does not exist." for user_id in Contact.people(data) if user_id not in people]
        return {"contacts": unknown} if unknown else {}
