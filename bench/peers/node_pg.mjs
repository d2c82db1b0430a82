// Node and Socket.IO with PostgreSQL: a send is one prepared statement, checked, numbered and committed before its ack.
import { randomUUID } from "node:crypto";
import pg from "pg";
import { changeOf, messageOf } from "./change.mjs";
import { serve } from "./serve.mjs";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const chat = serve(pool.query("SELECT 1"));

const PERSON = {
  name: "person",
  text: `SELECT t.user_id, array(SELECT m.room_id::text FROM memberships m WHERE m.user_id = t.user_id) AS room_ids
         FROM tokens t WHERE t.token = $1`,
};
const SEND = {
  name: "send",
  text: `WITH numbered AS (
           UPDATE rooms SET seq = seq + 1
           WHERE id = $1 AND EXISTS (SELECT 1 FROM memberships WHERE room_id = $1 AND user_id = $2)
           RETURNING seq
         )
         INSERT INTO messages (room_id, seq, id, sender_id, client_id, text, created_at)
         SELECT $1, seq, $3, $2, $4, $5, $6 FROM numbered
         RETURNING seq`,
};
const MISSED = {
  name: "missed",
  text: `SELECT m.* FROM jsonb_each_text($2::jsonb) AS since (room_id, seq)
         JOIN memberships s ON s.room_id = since.room_id::uuid AND s.user_id = $1
         JOIN messages m ON m.room_id = s.room_id AND m.seq > since.seq::bigint
         ORDER BY m.room_id, m.seq LIMIT 500`,
};

chat.use(async (socket, next) => {
  try {
    const { rows } = await pool.query({ ...PERSON, values: [socket.handshake.auth.token] });
    socket.data.person = rows[0];
    next(rows.length ? undefined : new Error("unauthenticated"));
  } catch (error) {
    next(error);
  }
});

chat.on("connection", (socket) => {
  const { user_id: userId, room_ids: roomIds } = socket.data.person;
  socket.join(roomIds);
  socket.emit("ready", { user_id: userId });

  socket.on("message:send", async ({ room_id: roomId, client_id: clientId, text }, ack) => {
    const [id, at] = [randomUUID(), new Date()];
    const { rows } = await pool.query({ ...SEND, values: [roomId, userId, id, clientId, text, at] });
    if (!rows.length) return ack({ ok: false, error: { code: "not_found" } });
    const seq = Number(rows[0].seq);
    const message = messageOf({ id, roomId, seq, senderId: userId, clientId, text, at: at.toISOString() });
    chat.to(roomId).emit("message:created", changeOf(message));
    ack({ ok: true, data: message });
  });

  socket.on("sync", async ({ cursors }, ack) => {
    const { rows } = await pool.query({ ...MISSED, values: [userId, JSON.stringify(cursors)] });
    ack({ ok: true, data: { changes: rows.map(missed), cursors: {}, has_more: false } });
  });
});

const missed = (row) =>
  changeOf(
    messageOf({
      ...{ id: row.id, roomId: row.room_id, seq: Number(row.seq), senderId: row.sender_id },
      ...{ clientId: row.client_id, text: row.text, at: row.created_at.toISOString() },
    }),
  );
