"""What clients may: every limit that they can hit, and every rate; and what they begin with. `config` hands them on."""

# Every limit a client can hit, by the name that errors and GET /api/v1/config give. Sizes in the unit of the name.
LIMITS: dict[str, int] = {
    "about_characters": 500,
    "blocks": 5_000,
    "body_bytes": 1_048_576,
    "client_id_characters": 64,
    "contact_cards": 10,
    "contact_detail_characters": 100,
    "contact_details": 10,
    "device_name_characters": 64,
    "devices": 32,
    "contacts": 5_000,
    "custom_name_characters": 100,
    "delete_seconds": 216_000,
    "display_name_characters": 64,
    "draft_characters": 65_536,
    "edit_seconds": 900,
    "entities": 256,  # formatted parts of a text
    "event_ahead_seconds": 157_680_000,
    "event_description_characters": 2_048,
    "event_guests": 10,
    "event_name_characters": 100,
    "event_open_seconds": 86_400,
    "event_reminder_seconds": 604_800,
    "expire_seconds": 7_776_000,  # a day, a week or this
    "everyone_members": 32,  # in larger groups only who runs them mentions everyone
    "export_hours": 24,
    "exports": 5,
    "formatted_characters": 4_096,  # of a text; the rest of it is shown as it is
    "forward_many_rooms": 1,  # for what was forwarded forward_many_score times or more
    "forward_many_score": 5,
    "forward_messages": 20,
    "forward_rooms": 5,
    "forward_score": 127,
    "hidden_ranges": 1_000,
    "link_preview_bytes": 524_288,  # of a page, with its redirects
    "link_preview_description_characters": 300,
    "link_preview_redirects": 3,
    "link_preview_seconds": 6,
    "link_preview_title_characters": 200,
    "live_location_seconds": 28_800,
    "mentions": 256,
    "page_items": 100,
    "password_bytes": 1_024,
    "password_min_characters": 10,
    "past_stays": 100,  # of a room that one left and came back to; what was said in earlier ones is not seen any more
    "people_shown": 10,
    "pinned_messages": 3,
    "pinned_rooms": 3,
    "place_address_characters": 300,
    "place_name_characters": 100,
    "poll_option_characters": 100,
    "poll_options": 12,
    "poll_question_characters": 255,
    "poll_seconds": 31_536_000,
    "reaction_emojis": 64,
    "reminder_days": 366,
    "reminders": 200,
    "reply_quote_characters": 512,
    "room_description_characters": 2_048,
    "room_members": 1_024,
    "room_title_characters": 100,
    "rooms": 5_000,
    "scheduled_days": 366,
    "scheduled_messages": 100,
    "search_query_characters": 256,
    "search_terms": 16,
    "stars": 10_000,
    "sync_changes": 1_000,
    "text_bytes": 65_536,
    "unhide_seconds": 10,
    "username_characters": 32,
    "username_min_characters": 3,
    "view_once_seconds": 1_209_600,
}

# What people set for themselves, by name, until they choose otherwise.
SETTINGS: dict[str, bool] = {
    "keep_archived": True,  # archived rooms stay archived when something is said there
}

# Named rates, in the notation of the `limits` library; the registry says which event draws from which.
RATES: dict[str, str] = {
    "register": "100/hour",  # a client address
    "connects": "600/minute",  # a client address
    "logins": "120/minute",  # a client address
    "login_address": "60/5minutes",  # failures from a client address
    "login_account": "10/5minutes",  # failures of an account from one client address
}
# The same of one device, as token buckets where it is connected: so many at once, refilled evenly over the time.
DEVICE_RATES: dict[str, str] = {
    "calls": "600/minute",  # everything without a bucket of its own
    "messages": "300/minute",
    "export_pieces": "600/minute",
    "forwards": "20/minute",
    "link_previews": "20/minute",  # of a person; links beyond it have none
    "positions": "120/minute",  # live locations that move
    "rooms": "60/minute",
    "searches": "120/minute",
    "signals": "600/minute",  # typing, receipts
}
