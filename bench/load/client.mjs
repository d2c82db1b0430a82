// A client in raw frames (Engine.IO 4, Socket.IO 5): it parses only what it must, so that one core can load fast servers.
import { Socket } from "./socket.mjs";

const NAMESPACE = "/chat";
const CREATED = Buffer.from(`42${NAMESPACE},["message:created"`);
const READY = Buffer.from(`42${NAMESPACE},["ready"`);
const ACK = Buffer.from(`43${NAMESPACE},`);
const OK = Buffer.from('"ok":true');
const PING = "2".charCodeAt(0);
const HANDSHAKE_MS = 60_000;

const begins = (buffer, start, end, head) => {
  if (end - start < head.length) return false;
  for (let at = head.length - 1; at >= 0; at -= 1) if (buffer[start + at] !== head[at]) return false;
  return true;
};
const digit = (byte) => byte >= 48 && byte <= 57;

/** The whole number that begins at `at`, or NaN. */
export const numberAt = (frame, at) => {
  let value = digit(frame[at]) ? 0 : NaN;
  for (; digit(frame[at]); at += 1) value = value * 10 + frame[at] - 48;
  return value;
};

/** What a server says no with; `retry_after`: seconds, if the same may succeed later. */
export class Refused extends Error {
  constructor(error) {
    super(`the server refused: ${JSON.stringify(error)}`);
    this.retry_after = error?.retryable ? (error.retry_after ?? 1) : null;
  }
}

export class Client {
  #acks = new Map();
  #asked = 0;

  /** A connected client, once it has heard `ready`; `hear` is given (buffer, start, end) of each message:created. */
  static connect(url, token, hear = () => {}) {
    return new Promise((resolve, reject) => new Client(url, token, hear, resolve, reject));
  }

  constructor(url, token, hear, resolve, reject) {
    this.hear = hear;
    this.resolve = resolve;
    this.reject = reject;
    this.token = token;
    this.socket = new Socket(url, "/socket.io/?EIO=4&transport=websocket", {
      heard: (buffer, start, end) => this.#frame(buffer, start, end),
      closed: (reason) => this.#closed(reason),
      timeout: HANDSHAKE_MS,
    });
  }

  /** Ask with an ack, of JSON: `answered` or `refused` is given its raw frame; a refusal ends the load by default. */
  ask(event, payload, answered, refused = fail) {
    this.#asked += 1;
    this.#acks.set(this.#asked, { answered, refused });
    this.socket.send(`42${NAMESPACE},${this.#asked}["${event}",${payload}]`);
  }

  /** Ask, and wait for the data of the ack, or for Refused. */
  call(event, payload) {
    const ack = (frame) => JSON.parse(frame.subarray(frame.indexOf("[")))[0];
    return new Promise((resolve, reject) => {
      const refused = (frame) => reject(new Refused(ack(frame).error));
      this.ask(event, JSON.stringify(payload), (frame) => resolve(ack(frame).data), refused);
    });
  }

  close() {
    this.closing = true;
    this.socket.terminate();
  }

  #frame(buffer, start, end) {
    if (begins(buffer, start, end, CREATED)) this.hear(buffer, start, end);
    else if (begins(buffer, start, end, ACK)) this.#answered(buffer.subarray(start, end));
    else if (buffer[start] === PING) this.socket.send("3");
    else if (begins(buffer, start, end, READY)) this.resolve(this);
    else this.#beginning(buffer.toString("utf8", start, end));
  }

  #answered(frame) {
    const id = numberAt(frame, ACK.length);
    const { answered, refused } = this.#acks.get(id);
    this.#acks.delete(id);
    if (frame.indexOf(OK) < 0) refused(frame);
    else answered(frame);
  }

  #beginning(text) {
    if (text[0] === "0") this.socket.send(`40${NAMESPACE},${JSON.stringify({ token: this.token })}`);
    else if (text.startsWith("44")) {
      this.reject(new Refused(JSON.parse(text.slice(text.indexOf("{"))).data));
      this.close();
    }
  }

  #closed(reason) {
    this.reject(new Error(`closed with ${reason} before it was ready`));
    if (!this.closing) fail(`the server closed a connection with ${reason}`);
  }
}

/** Connect all of them, at most `together` at a time, in the order of the tokens. */
export const connectAll = async (url, tokens, hear, together = 50) => {
  const clients = new Array(tokens.length);
  let next = 0;
  const some = async () => {
    while (next < tokens.length) {
      const index = next++;
      clients[index] = await Client.connect(url, tokens[index], hear);
    }
  };
  await Promise.all(Array.from({ length: together }, some));
  return clients;
};

const fail = (reason) => {
  console.error(String(reason));
  process.exit(1);
};
