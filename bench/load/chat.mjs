// Rooms in which the first member keeps some sends in flight, and everybody hears everything.
import { connectAll, numberAt } from "./client.mjs";
import { Latencies } from "./figures.mjs";

const TEXT_LENGTH = 60;
const CLIENT_ID = Buffer.from("client_id");
const PATIENCE_MS = 10_000;
const QUOTE = 34;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Where in a buffer the client_id of this frame stands; ours are numbers. Mostly as far in as in the frame before. */
class ClientIds {
  #offset = 0;

  at(buffer, start) {
    if (!this.#stands(buffer, start + this.#offset)) this.#offset = buffer.indexOf(CLIENT_ID, start) - start;
    return numberAt(buffer, buffer.indexOf(QUOTE, start + this.#offset + CLIENT_ID.length + 1) + 1);
  }

  #stands(buffer, at) {
    for (let byte = CLIENT_ID.length - 1; byte >= 0; byte -= 1) if (buffer[at + byte] !== CLIENT_ID[byte]) return false;
    return true;
  }
}

class Chat {
  #ids = new ClientIds();
  sentAt = [];
  answered = 0;
  expected = 0;
  heard = 0;
  sends = new Latencies();
  deliveries = new Latencies();
  measuring = false;
  stopped = false;
  paced = false;

  say(client, room) {
    const number = this.sentAt.length;
    const text = `message ${number} `.padEnd(TEXT_LENGTH, "x");
    this.expected += room.members.length;
    this.sentAt.push(performance.now());
    client.ask("message:send", `{"room_id":"${room.id}","client_id":"${number}","text":"${text}"}`, () => {
      this.answered += 1;
      if (this.measuring) this.sends.add(performance.now() - this.sentAt[number]);
      if (!this.stopped && !this.paced) this.say(client, room);
    });
  }

  /** So many sends a second, room after room, as long as not too many are unanswered. */
  pace(clients, rooms, rate, inflight) {
    this.paced = true;
    const [begin, first] = [performance.now(), this.sentAt.length];
    const tick = setInterval(() => {
      if (this.stopped) return clearInterval(tick);
      const wanted = first + ((performance.now() - begin) * rate) / 1000;
      while (this.sentAt.length < wanted && this.sentAt.length - this.answered < inflight * rooms.length) {
        const room = rooms[this.sentAt.length % rooms.length];
        this.say(clients[room.members[0]], room);
      }
    }, 5);
  }

  hear = (buffer, start) => {
    this.heard += 1;
    if (this.measuring) this.deliveries.add(performance.now() - this.sentAt[this.#ids.at(buffer, start)]);
  };

  /** Until everything that was sent is answered and heard, or nobody can wait any longer. */
  async settle() {
    this.stopped = true;
    const deadline = performance.now() + PATIENCE_MS;
    const open = () => this.answered < this.sentAt.length || this.heard < this.expected;
    while (open() && performance.now() < deadline) await sleep(10);
  }
}

export const chat = async ({ url, cast, inflight, rate, warmup, seconds }) => {
  const running = new Chat();
  const clients = await connectAll(url, cast.people.map((person) => person.token), running.hear);
  if (rate) running.pace(clients, cast.rooms, rate, inflight);
  for (const room of rate ? [] : cast.rooms) {
    for (let sending = 0; sending < inflight; sending += 1) running.say(clients[room.members[0]], room);
  }
  await sleep(warmup * 1000);
  const measured = await measure(running, seconds);
  await running.settle();
  clients.forEach((client) => client.close());
  return { ...measured, lost: running.expected - running.heard };
};

const measure = async (running, seconds) => {
  const [begin, cpu] = [performance.now(), process.cpuUsage()];
  running.measuring = true;
  await sleep(seconds * 1000);
  running.measuring = false;
  const took = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    sends_per_s: running.sends.count / took,
    deliveries_per_s: running.deliveries.count / took,
    ...running.sends.summary("ack"),
    ...running.deliveries.summary("delivery"),
    generator_cpu: (user + system) / 1e6 / took,
  };
};
