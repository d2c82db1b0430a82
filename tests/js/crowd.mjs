// Many clients in one process, each as docs/clients.md wants it, over several addresses; driven by tests.
// stdin: {"urls", "clients": [{"token", "at", "transports"}]}, then a call {"id", "do", ...} a line; ends with stdin.
// stdout: {"id", "answer"} when what was asked is done, or {"id", "failed"}.

import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const SOON_MS = 50;
const ANSWER_WITHIN_MS = 3_000;
const LOOK_AGAIN_MS = 5;
const BIRTH = Date.now(); // the same people may come again in another crowd

const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
const until = async (true_now) => {
  while (!true_now()) await sleep(LOOK_AGAIN_MS);
};

class Client {
  cursors = {};
  applied = {}; // {feed: [[seq, message id]]}, in the order of application
  heard = []; // one list of [feed, seq, message id] for each connection
  acked = []; // [room, client_id, message id, seq, when asked first, ms until acked]
  absences = []; // ms from each disconnect to the next `ready`
  counts = { holes: 0, syncs: 0, retries: 0, hints: 0, drains: 0 };
  places = []; // the worker of each connection, by which its session's id begins
  broken = [];
  here = false;
  stale = true;
  syncing = false;
  said = 0;

  constructor(number, urls, { token, at, transports }) {
    Object.assign(this, { number, urls, at });
    // With credentials: a balancer's cookie keeps one who polls on one host.
    const own = { forceNew: true, reconnectionDelay: SOON_MS, randomizationFactor: 0, autoConnect: false, withCredentials: true };
    this.socket = io(`${urls[at]}/chat`, { auth: { token }, transports, ...own });
    this.socket.io.on("reconnect_attempt", () => this.goesElsewhere());
    this.socket.on("connect", () => {
      this.heard.push([]);
      this.places.push(this.socket.io.engine.id.split("-")[0]);
    });
    this.socket.on("connect_error", (error) => error.data && this.broken.push(["refused", error.data]));
    this.socket.on("disconnect", (reason) => this.isLost(reason));
    this.socket.on("server:drain", ({ reconnect_after_ms: wait }) => {
      this.counts.drains += 1;
      this.socket.io.reconnectionDelay(Math.max(wait, SOON_MS));
    });
    this.socket.on("ready", () => this.isBack());
    this.socket.on("sync:hint", () => {
      this.counts.hints += 1;
      this.catchesUp();
    });
    this.socket.onAny((event, data) => data.seq !== undefined && this.hears(data));
    this.socket.connect();
  }

  goesElsewhere() {
    // What server:drain said is for one attempt; as the beginning of a growing delay it would be doubled by each refusal.
    this.socket.io.reconnectionDelay(SOON_MS);
    this.at = (this.at + 1) % this.urls.length;
    this.socket.io.uri = this.urls[this.at];
  }

  isLost(reason) {
    this.here = false;
    this.lostAt = performance.now();
    if (reason === "io server disconnect") this.broken.push(["signed out"]);
  }

  isBack() {
    if (this.lostAt !== undefined) this.absences.push(performance.now() - this.lostAt);
    this.here = true;
    this.catchesUp();
  }

  hears(change) {
    this.heard.at(-1).push([change.feed, change.seq, change.message?.id ?? null]);
    if (!this.here) this.broken.push(["heard before ready", change]);
    if (this.applies(change)) return;
    if (!this.syncing) this.counts.holes += 1;
    this.catchesUp();
  }

  // False when it lies beyond a hole.
  applies({ feed, seq, message }) {
    const known = this.cursors[feed];
    if (seq <= known) return true;
    if (seq !== known + 1) return false;
    this.cursors[feed] = seq;
    (this.applied[feed] ??= []).push([seq, message?.id ?? null]);
    return true;
  }

  async catchesUp() {
    this.stale = true;
    if (this.syncing) return;
    this.syncing = true;
    while (this.stale && this.here) {
      this.stale = false;
      await this.syncs().catch(() => {
        this.stale = true;
        return sleep(SOON_MS);
      });
    }
    this.syncing = false;
  }

  async syncs() {
    for (let more = true; more; ) {
      const page = await this.asks("sync", { cursors: this.cursors, limit: 500 });
      this.counts.syncs += 1;
      if (page.reset.length || page.gone.length) this.broken.push(["reset or gone", page.reset, page.gone]);
      for (const change of page.changes) if (!this.applies(change)) this.broken.push(["a hole in sync", change]);
      for (const [feed, seq] of Object.entries(page.cursors)) {
        this.cursors[feed] ??= seq;
        if (seq > this.cursors[feed]) this.broken.push(["sync skipped", feed, this.cursors[feed], seq]);
      }
      more = page.has_more;
    }
  }

  async asks(event, payload) {
    const ack = await this.socket.timeout(ANSWER_WITHIN_MS).emitWithAck(event, payload);
    if (!ack.ok) throw Object.assign(new Error(ack.error.detail), ack.error);
    return ack.data;
  }

  // Until it is acked, over whichever connection.
  async says(room, text) {
    const client_id = `${BIRTH}-${this.number}-${this.said++}`;
    const began = performance.now();
    for (;;) {
      await until(() => this.here);
      try {
        const { id, seq } = await this.asks("message:send", { room_id: room, client_id, text });
        return this.acked.push([room, client_id, id, seq, began, performance.now() - began]);
      } catch (error) {
        if (error.code && !error.retryable) return this.broken.push(["send refused", error.code, error.message]);
        this.counts.retries += 1;
        await sleep(SOON_MS);
      }
    }
  }

  report() {
    const { number, applied, heard, acked, absences, counts, places, broken } = this;
    const transport = this.socket.io.engine.transport.name;
    return { number, applied, heard, acked, absences, counts, places, transport, broken };
  }
}

let clients = [];
let hushed = false;

const calls = {
  // Everybody is connected and has synced.
  gather: ({ but = [] }) => until(() => clients.every((each) => but.includes(each.number) || (each.here && !each.syncing))),
  leave: ({ who }) => void clients[who].socket.disconnect(),
  come: ({ who }) => void clients[who].socket.connect(),
  // Each of `by`, a list of [client, room], says `count` texts, `width` at a time; the ms of each ack, in the order of sending.
  async send({ by, count, bytes = 20, width = 1, pace_ms = 0 }) {
    const text = "x".repeat(bytes);
    const before = by.map(([number]) => clients[number].acked.length);
    const speaks = async ([number, room], turn) => {
      while (!hushed && turn.left-- > 0) {
        await clients[number].says(room, text);
        if (pace_ms) await sleep(pace_ms);
      }
    };
    const turns = by.map(() => ({ left: count ?? Infinity }));
    await Promise.all(by.flatMap((each, index) => Array.from({ length: width }, () => speaks(each, turns[index]))));
    return by.flatMap(([number], index) => clients[number].acked.slice(before[index]).map((ack) => ack[5]));
  },
  hush: () => void (hushed = true),
  // Everybody in these rooms has applied everything up to these numbers.
  reach({ seqs, but = [] }) {
    const there = ({ number, cursors }) => but.includes(number) || Object.keys(seqs).every((room) => !(cursors[room] < seqs[room]));
    return until(() => clients.every(there));
  },
  report: ({ who }) => clients[who].report(),
  troubles: () => clients.filter((each) => !each.here || each.broken.length).map(({ number, here, broken }) => [number, here, broken]),
};

const tell = (line) => console.log(JSON.stringify(line));
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const call = JSON.parse(line);
    if (call.clients) return void (clients = call.clients.map((each, number) => new Client(number, call.urls, each)));
    Promise.resolve(calls[call.do](call)).then(
      (answer) => tell({ id: call.id, answer: answer ?? null }),
      (error) => tell({ id: call.id, failed: String(error) }),
    );
  })
  .on("close", () => process.exit(0));
