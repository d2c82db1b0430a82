"""Formatted texts: kept as they were typed, and told with what of them is formatted, alike over every way."""

from tests.support.people import Person


def test_the_source_is_kept_and_the_entities_beside_it_are_the_same_for_all(alice: Person, bob: Person) -> None:
    room = alice.group(bob)
    bob.live().forget()
    text = f"*dinner* with @{bob.id} and 😀 _all_"
    said = alice.say(room, text, mentions=[bob.id])
    assert said["text"] == text
    told = [(each["type"], each["offset"], each["length"]) for each in said["entities"]]
    assert told == [("bold", 0, 8), ("mention", 14, 37), ("italic", 59, 5)]
    assert said["entities"][1]["user_id"] == bob.id
    assert bob.hears("message:created")["message"] == said == bob.history(room)[-1]
    assert alice.say(room, "<b>plain</b>")["entities"] == []


def test_an_edit_is_formatted_anew_and_what_it_said_before_too(alice: Person, bob: Person) -> None:
    room = alice.direct(bob)
    said = alice.say(room, "*one*")
    path = f"/rooms/{room}/messages/{said['seq']}"
    edited = alice.patch(path, {"text": "_two_"}).body
    assert [each["type"] for each in edited["entities"]] == ["italic"]
    assert [each["type"] for each in bob.get(f"{path}/edits").body["items"][0]["entities"]] == ["bold"]
    alice.delete(f"{path}?scope=all")
    assert bob.history(room)[-1]["entities"] == []


def test_a_caption_is_formatted_and_what_is_forwarded_mentions_nobody(alice: Person, bob: Person) -> None:
    room, notes = alice.group(bob), alice.direct(alice)
    place = alice.send(room, "location", {"latitude": 1, "longitude": 2}, text=f"*here*, @{bob.id}", mentions=[bob.id])
    assert [each["type"] for each in place["entities"]] == ["bold", "mention"]
    body = {"seqs": [place["seq"]], "to_room_ids": [notes], "client_id": "1"}
    (copy,) = alice.post(f"/rooms/{room}/forward", body).body["items"][0]["messages"]
    assert [each["type"] for each in copy["entities"]] == ["bold"]
