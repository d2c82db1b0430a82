-- The tables of the peer with PostgreSQL: as little as the same promises need, so that it is as fast as it can be.
CREATE TABLE tokens (token text PRIMARY KEY, user_id uuid NOT NULL);
CREATE TABLE rooms (id uuid PRIMARY KEY, seq bigint NOT NULL);
CREATE TABLE memberships (room_id uuid NOT NULL REFERENCES rooms, user_id uuid NOT NULL, PRIMARY KEY (room_id, user_id));
CREATE INDEX ON memberships (user_id);
CREATE TABLE messages (
    room_id uuid NOT NULL REFERENCES rooms,
    seq bigint NOT NULL,
    id uuid NOT NULL,
    sender_id uuid NOT NULL,
    client_id text NOT NULL,
    text text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (room_id, seq)
);
