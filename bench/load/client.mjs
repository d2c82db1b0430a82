// A client in raw frames (Engine.IO 4, Socket.IO 5): it parses only what it must, so that one core can load fast servers.
import WebSocket from "ws";

const NAMESPACE = "/chat";
const CREATED = Buffer.from(`42${NAMESPACE},["message:created"`);
const READY = Buffer.from(`42${NAMESPACE},["ready"`);
const ACK = Buffer.from(`43${NAMESPACE},`);
const OK = Buffer.from('"ok":true');
const PING = "2".charCodeAt(0);
const HANDSHAKE_MS = 60_000;

const begins = (frame, head) => frame.length >= head.length && head.compare(frame, 0, head.length) === 0;
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

  /** A connected client, once it has heard `ready`; `hear` is given each raw frame of message:created. */
  static connect(url, token, hear = () => {}) {
    return new Promise((resolve, reject) => new Client(url, token, hear, resolve, reject));
  }

  constructor(url, token, hear, resolve, reject) {
    const address = `${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
    this.socket = new WebSocket(address, { perMessageDeflate: false, skipUTF8Validation: true, handshakeTimeout: HANDSHAKE_MS });
    this.hear = hear;
    this.resolve = resolve;
    this.reject = reject;
    this.token = token;
    this.socket.on("message", (frame) => this.#frame(frame));
    this.socket.on("error", reject);
    this.socket.on("close", (code) => this.#closed(code));
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

  #frame(frame) {
    if (begins(frame, CREATED)) this.hear(frame);
    else if (begins(frame, ACK)) this.#answered(frame);
    else if (frame[0] === PING) this.socket.send("3");
    else if (begins(frame, READY)) this.resolve(this);
    else this.#beginning(String(frame));
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

  #closed(code) {
    this.reject(new Error(`closed with ${code} before it was ready`));
    if (!this.closing) fail(`the server closed a connection with ${code}`);
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
