// Node and Socket.IO, everything in memory: nothing is kept, so this is the price of the wire alone.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { changeOf, messageOf } from "./change.mjs";
import { serve } from "./serve.mjs";

const cast = JSON.parse(readFileSync(process.env.BENCH_CAST, "utf8"));
const people = new Map(cast.people.map((person) => [person.token, person]));
const rooms = new Map(
  cast.rooms.map((room) => [room.id, { seq: 1, members: new Set(room.members.map((index) => cast.people[index].id)) }]),
);

const chat = serve();

chat.use((socket, next) => {
  socket.data.person = people.get(socket.handshake.auth.token);
  next(socket.data.person ? undefined : new Error("unauthenticated"));
});

chat.on("connection", (socket) => {
  const { person } = socket.data;
  socket.join(person.rooms.map((index) => cast.rooms[index].id));
  socket.emit("ready", { user_id: person.id });

  socket.on("message:send", ({ room_id: roomId, client_id: clientId, text }, ack) => {
    const room = rooms.get(roomId);
    if (!room?.members.has(person.id)) return ack({ ok: false, error: { code: "not_found" } });
    room.seq += 1;
    const at = new Date().toISOString();
    const message = messageOf({ id: randomUUID(), roomId, seq: room.seq, senderId: person.id, clientId, text, at });
    chat.to(roomId).emit("message:created", changeOf(message));
    ack({ ok: true, data: message });
  });
});
