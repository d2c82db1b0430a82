// One person reads: pages of history at random places, what they missed, and everything anew; one call at a time.
import { Client } from "./client.mjs";
import { Latencies } from "./figures.mjs";

const PAGE = 50;
const ROOMS_BEHIND = 10;
const MISSED_EACH = 5;

export const reads = async ({ url, cast, calls }) => {
  const client = await Client.connect(url, cast.people[0].token);
  const { cursors, rooms } = await client.call("sync", { cursors: {} });
  const largest = rooms.reduce((one, other) => (other.seq > one.seq ? other : one));
  const behind = { ...cursors };
  for (const room of rooms.slice(0, ROOMS_BEHIND)) behind[room.id] -= MISSED_EACH;

  const questions = {
    history: (turn) => ["history", { room_id: largest.id, before: place(turn, largest.seq), limit: PAGE }, "items", PAGE],
    sync: () => ["sync", { cursors: behind }, "changes", ROOMS_BEHIND * MISSED_EACH],
    fresh: () => ["sync", { cursors: {} }, "rooms", rooms.length],
  };
  const times = Object.fromEntries(Object.keys(questions).map((name) => [name, new Latencies()]));
  for (let turn = 0; turn < calls; turn += 1) {
    for (const [name, question] of Object.entries(questions)) times[name].add(await timed(client, ...question(turn)));
  }
  client.close();
  return Object.assign({}, ...Object.entries(times).map(([name, latencies]) => latencies.summary(name)));
};

/** Places all over the room, the same ones in each run. */
const place = (turn, seq) => PAGE + 2 + ((turn * 7_919) % Math.max(1, seq - PAGE - 2));

const timed = async (client, event, payload, list, expected) => {
  const begin = performance.now();
  const answer = await client.call(event, payload);
  const took = performance.now() - begin;
  if (answer[list].length !== expected) throw new Error(`${event}: ${answer[list].length} ${list}, not ${expected}`);
  return took;
};
