"""What of a feature no code tells: who may, which limits it has, and what is heard of it; a line for each event."""

from typing import NamedTuple


class Row(NamedTuple):
    """limits, hears: names with spaces between them; what: in place of the handler's sentence, for a field of its own."""

    who: str
    limits: str = ""
    hears: str = ""
    what: str = ""


ANYBODY, EVERYBODY, ONESELF = "anybody", "everybody", "everybody, of their own"
MEMBERS, READERS = "members", "members and former ones, as far as they see it"
RUNNERS, AUTHOR = "owners and admins", "its author"
SPEAKERS = "members; not to somebody whom they block"

# By title; a key is an event, or an event and the field that makes the feature.
FEATURES: dict[str, dict[str, Row]] = {
    "Saying something": {
        "message:send": Row(SPEAKERS, "text_bytes client_id_characters body_bytes", "message:created"),
        "message:send reply_to_seq": Row(
            SPEAKERS, "reply_quote_characters", "message:created", "Answer a message, which is quoted as it is now."
        ),
        "message:send reply_to_room_id": Row(
            "who sees it in the group, to its author alone", "", "message:created", "Answer in private what was said in a group."
        ),
        "message:send mentions": Row(SPEAKERS, "mentions", "message:created", "Mention members, by their ids."),
        "message:send mentions_everyone": Row(
            "members of a group; in a larger one owners and admins",
            "everyone_members",
            "message:created",
            "Mention everyone in the group.",
        ),
        "message:send view_once": Row(
            SPEAKERS, "view_once_seconds", "message:created message:opened", "Say something that each of the others opens once."
        ),
        "message:send text": Row(
            SPEAKERS,
            "formatted_characters entities",
            "message:created",
            "Format a text by signs: bold, italic, strike, mono, code, quotes, lists, spoilers; links and addresses are found.",
        ),
        "message:forward": Row(
            READERS,
            "forward_messages forward_rooms forward_many_score forward_many_rooms forward_score",
            "message:created",
        ),
        "scheduled:create": Row(
            SPEAKERS, "scheduled_days scheduled_messages", "scheduled:updated scheduled:sent message:created"
        ),
        "scheduled:edit": Row("whose it is", "scheduled_days", "scheduled:updated"),
        "scheduled:cancel": Row("whose it is", "", "scheduled:updated"),
        "scheduled:list": Row(ONESELF, "page_items"),
        "typing": Row(SPEAKERS, "", "typing"),
    },
    "Changing what was said": {
        "message:edit": Row(AUTHOR, "edit_seconds text_bytes mentions everyone_members", "message:edited"),
        "message:edits": Row("who was there all the time", "page_items"),
        "message:delete": Row("its author; owners and admins at any time", "delete_seconds", "message:deleted room:me"),
        "message:hide": Row("members, for themselves", "hidden_ranges page_items", "room:me"),
        "message:unhide": Row("who hid it", "unhide_seconds", "room:me"),
        "room:clear": Row("members, for themselves", "hidden_ranges", "room:me"),
    },
    "What becomes of messages": {
        "reaction:set": Row(SPEAKERS, "reaction_emojis", "reaction:changed"),
        "reaction:clear": Row(SPEAKERS, "", "reaction:changed"),
        "message:reactions": Row(READERS, "page_items people_shown"),
        "star:set": Row(READERS, "stars", "message:starred"),
        "star:clear": Row(READERS, "", "message:starred"),
        "star:list": Row(ONESELF, "page_items"),
        "pin:set": Row("members, or owners and admins: `settings.pin`", "pinned_messages", "message:pinned message:unpinned"),
        "pin:clear": Row("members, or owners and admins: `settings.pin`", "", "message:unpinned"),
        "pin:list": Row(MEMBERS),
        "keep:set": Row(SPEAKERS, "", "message:kept"),
        "keep:clear": Row("who said it, and who keeps it", "", "message:unkept message:expired"),
        "message:open": Row("members but its author, once", "", "message:opened"),
        "reminder:set": Row(READERS, "reminders reminder_days", "reminders:updated reminder:due"),
        "reminder:clear": Row("whose it is", "", "reminders:updated"),
        "reminder:list": Row(ONESELF, "page_items"),
    },
    "Reading": {
        "history": Row(READERS, "page_items"),
        "history around": Row(READERS, "page_items", "", "Jump to a message, with what was said around it."),
        "history date": Row(READERS, "page_items", "", "Jump to the first message of a date."),
        "history first_unread": Row(READERS, "page_items", "", "Jump to the first message of others that one has not read."),
        "receipt:read": Row(MEMBERS, "", "receipt room:me"),
        "receipt:delivered": Row(MEMBERS, "page_items", "receipt"),
        "message:receipts": Row(READERS, "page_items"),
        "room:unread": Row(ONESELF),
        "sync": Row(ONESELF, "sync_changes", "ready sync:hint server:drain"),
    },
    "Search": {
        "search": Row("everybody, in their own rooms as far as they see them", "search_query_characters search_terms page_items"),
        "room:media": Row(READERS, "page_items"),
    },
    "Exports": {
        "export:create": Row(READERS, "exports export_hours", "exports:updated"),
        "export:list": Row(ONESELF),
        "export:get": Row("who asked for it"),
        "export:read": Row("who asked for it, as far as they may read it then"),
        "export:remove": Row("who asked for it", "", "exports:updated"),
    },
    "Polls": {
        "poll:vote": Row(SPEAKERS, "poll_options", "poll:changed"),
        "poll:my_vote": Row(SPEAKERS),
        "poll:voters": Row(SPEAKERS, "page_items people_shown"),
        "poll:add_option": Row("members, where its author allows it", "poll_options poll_option_characters", "poll:changed"),
        "poll:close": Row(AUTHOR, "", "poll:changed"),
    },
    "Events": {
        "event:rsvp": Row(SPEAKERS, "event_guests event_open_seconds", "event:changed"),
        "event:my_rsvp": Row(SPEAKERS),
        "event:answers": Row(SPEAKERS, "page_items people_shown"),
        "event:update": Row(AUTHOR, "event_ahead_seconds event_reminder_seconds", "event:changed event:reminder"),
        "event:cancel": Row(AUTHOR, "", "event:changed"),
    },
    "Live locations": {
        "live_location:update": Row(AUTHOR, "live_location_seconds", "live_location:moved"),
        "live_location:stop": Row(AUTHOR, "", "live_location:stopped"),
    },
    "Rooms": {
        "room:create": Row(EVERYBODY, "room_title_characters room_members rooms", "room:created room:added"),
        "room:direct": Row("everybody, with whom they do not block", "rooms", "room:created room:added"),
        "room:list": Row(ONESELF, "page_items"),
        "room:get": Row(MEMBERS),
        "room:update": Row(RUNNERS, "room_title_characters room_description_characters", "room:updated"),
        "room:update settings": Row(
            "owners and admins; in a direct room both",
            "expire_seconds",
            "room:updated message:expired",
            "Have messages disappear a day, a week or 90 days after they were said.",
        ),
        "room:set_me": Row("members, for themselves", "pinned_rooms", "room:me"),
        "room:set_me draft": Row(
            "members, for themselves", "draft_characters", "room:me", "Keep a draft, on all own devices, until one sends."
        ),
        "room:set_me custom_name": Row(
            "members, for themselves", "custom_name_characters", "room:me", "Give a room a name that nobody else sees."
        ),
        "room:set_me everyone_muted_until": Row(
            "members, for themselves", "", "room:me", "Mute what mentions everyone: it is none of your mentions."
        ),
        "member:list": Row(MEMBERS, "page_items"),
        "member:add": Row(RUNNERS, "room_members past_stays", "member:joined room:added"),
        "member:update": Row("owners and admins; owners are made by owners", "", "member:updated"),
        "member:remove": Row("owners and admins; oneself", "", "member:left member:updated room:removed"),
    },
    "People": {
        "user:me": Row(ONESELF),
        "user:update": Row(ONESELF, "display_name_characters about_characters", "profile:updated"),
        "user:get": Row(EVERYBODY),
        "user:find": Row(EVERYBODY, "page_items"),
        "contact:list": Row(ONESELF, "page_items"),
        "contact:get": Row(ONESELF),
        "contact:set": Row(ONESELF, "contacts display_name_characters", "contacts:updated"),
        "contact:remove": Row(ONESELF, "", "contacts:updated"),
        "block:list": Row(ONESELF, "page_items"),
        "block:set": Row(EVERYBODY, "blocks", "blocks:updated"),
        "block:remove": Row(ONESELF, "", "blocks:updated room:added"),
        "settings:get": Row(ONESELF),
        "settings:set": Row(ONESELF, "", "settings:updated room:me"),
        "privacy:get": Row(ONESELF),
        "privacy:set": Row(ONESELF, "", "privacy:updated"),
        "privacy:set link_previews": Row(
            ONESELF,
            "link_preview_bytes link_preview_seconds link_preview_redirects link_preview_title_characters "
            "link_preview_description_characters",
            "privacy:updated message:previewed",
            "Have links in your messages looked up, or not: what the page of the first one says is shown after the send.",
        ),
    },
    "Accounts and devices": {
        "config:get": Row(ANYBODY),
        "auth:register": Row(
            "anybody, where registration is open",
            "username_min_characters username_characters password_min_characters password_bytes device_name_characters devices",
            "device:added",
        ),
        "auth:login": Row("anybody with a password", "devices device_name_characters", "device:added device:removed"),
        "auth:refresh": Row("who holds a refresh token", "", "device:removed"),
        "auth:logout": Row(ONESELF, "", "device:removed"),
        "auth:password": Row(ONESELF, "password_min_characters password_bytes", "device:removed"),
        "device:list": Row(ONESELF),
        "device:revoke": Row(ONESELF, "", "device:removed"),
    },
}

# Limits of what each type carries.
TYPES: dict[str, str] = {
    "text": "text_bytes",
    "location": "place_name_characters place_address_characters",
    "live_location": "live_location_seconds",
    "contact": "contact_cards contact_details contact_detail_characters",
    "poll": "poll_question_characters poll_options poll_option_characters poll_seconds",
    "event": "event_name_characters event_description_characters event_ahead_seconds event_guests event_reminder_seconds",
}
