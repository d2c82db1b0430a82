// What every server of this benchmark answers and tells, with the same fields, so that the frames are of the same size.

export const messageOf = ({ id, roomId, seq, senderId, clientId, text, at }) => ({
  id,
  room_id: roomId,
  seq,
  sender_id: senderId,
  client_id: clientId,
  type: "text",
  text,
  data: {},
  reply_to: null,
  mentions: [],
  reactions: [],
  forward_score: 0,
  created_at: at,
  edited_at: null,
  deleted_at: null,
  expires_at: null,
});

export const changeOf = (message) => ({
  feed: message.room_id,
  seq: message.seq,
  type: "message:created",
  at: message.created_at,
  actor_id: message.sender_id,
  message,
});
