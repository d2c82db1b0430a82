// Everybody connects in the same moment and syncs, as after a restart of the server.
import { Client, Refused } from "./client.mjs";
import { Latencies } from "./figures.mjs";

const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

export const storm = async ({ url, cast }) => {
  const [begin, ready, synced] = [performance.now(), new Latencies(), new Latencies()];
  let [changes, retries] = [0, 0];
  const patiently = async (attempt) => {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Refused) || error.retry_after === null) throw error;
        retries += 1;
        await sleep(error.retry_after);
      }
    }
  };
  const come = async ({ token, rooms }) => {
    const client = await patiently(() => Client.connect(url, token));
    ready.add(performance.now() - begin);
    // `seq` 1 is the beginning of a room: what was said since is missing.
    let page = { cursors: Object.fromEntries(rooms.map((room) => [cast.rooms[room].id, 1])), has_more: true };
    while (page.has_more) {
      const { cursors } = page;
      page = await patiently(() => client.call("sync", { cursors }));
      changes += page.changes.length;
    }
    synced.add(performance.now() - begin);
    return client;
  };
  const clients = await Promise.all(cast.people.map(come));
  const all_synced_s = (performance.now() - begin) / 1000;
  clients.forEach((client) => client.close());
  return { all_synced_s, ...ready.summary("ready"), ...synced.summary("synced"), changes, retries };
};
