// One person searches in their largest room and in all of them, one call at a time; the first page of each.
import { Client } from "./client.mjs";
import { Latencies } from "./figures.mjs";

const PAGE = 50;

export const search = async ({ url, cast, queries }) => {
  const client = await Client.connect(url, cast.people[0].token);
  const { rooms } = await client.call("sync", { cursors: {} });
  const largest = rooms.reduce((one, other) => (other.seq > one.seq ? other : one));
  const places = { "in a room": { room_id: largest.id }, everywhere: {} };
  const figures = {};
  for (const [kind, asked] of Object.entries(queries)) {
    for (const [place, where] of Object.entries(places)) {
      const latencies = new Latencies();
      let hits = 0;
      for (const q of asked) {
        const begin = performance.now();
        const { items } = await client.call("search", { q, limit: PAGE, ...where });
        latencies.add(performance.now() - begin);
        hits += items.length;
      }
      Object.assign(figures, latencies.summary(`${kind} ${place}`, 95), { [`${kind} ${place}_hits`]: hits / asked.length });
    }
  }
  client.close();
  return figures;
};
