"""Flask-SocketIO on eventlet, as its documentation writes a chat; everything in memory, nothing kept."""

import eventlet

eventlet.monkey_patch()

import json
import os
import uuid
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, session
from flask_socketio import SocketIO, emit, join_room

MOST_CONNECTIONS = 20_000  # eventlet serves 1,024 at a time by default
BLANK = {"type": "text", "data": {}, "reply_to": None, "mentions": [], "reactions": [], "forward_score": 0}
NEVER = {"edited_at": None, "deleted_at": None, "expires_at": None}

cast = json.loads(Path(os.environ["BENCH_CAST"]).read_text())
people = {person["token"]: person for person in cast["people"]}
rooms = {
    room["id"]: {"seq": 1, "members": {cast["people"][member]["id"] for member in room["members"]}} for room in cast["rooms"]
}

app = Flask(__name__)
app.config["SECRET_KEY"] = "for benchmarks"
socketio = SocketIO(app, async_mode="eventlet", transports=["websocket"])


@socketio.on("connect", namespace="/chat")
def connect(auth: dict) -> None:
    person = people[auth["token"]]
    session["user_id"] = person["id"]
    for index in person["rooms"]:
        join_room(cast["rooms"][index]["id"])
    emit("ready", {"user_id": person["id"]})


@socketio.on("message:send", namespace="/chat")
def send(data: dict) -> dict:
    room, user_id = rooms[data["room_id"]], session["user_id"]
    if user_id not in room["members"]:
        return {"ok": False, "error": {"code": "not_found"}}
    room["seq"] += 1
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = {"id": str(uuid.uuid4()), "seq": room["seq"], "sender_id": user_id, "created_at": at, **data, **BLANK, **NEVER}
    change = {"feed": data["room_id"], "seq": room["seq"], "type": "message:created", "at": at, "actor_id": user_id}
    emit("message:created", {**change, "message": message}, to=data["room_id"])
    return {"ok": True, "data": message}


if __name__ == "__main__":
    socketio.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), max_size=MOST_CONNECTIONS)
