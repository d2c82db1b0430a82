// The client's side of a WebSocket (RFC 6455), with only what it takes to be loaded: what a library does for each frame would
// be most of a core here, and then the generator is measured instead of the server.
import { randomBytes } from "node:crypto";
import { connect } from "node:net";

const [TEXT, CLOSE, PING, PONG] = [0x81, 0x88, 0x89, 0x8a]; // each with FIN: nobody who is compared sends fragments
const HEADERS_END = Buffer.from("\r\n\r\n");
const MASK = randomBytes(4); // not a mask of zeros, which some servers need not undo
const READ = Buffer.allocUnsafe(1 << 18); // shared: what is read is handled before the next is

/** One connection. `heard(buffer, start, end)` is given each text where it stands, which holds until it returns. */
export class Socket {
  #rest = null; // the beginning of what has not come whole yet
  #wanted = 0; // bytes of it
  #open = false;

  constructor(url, path, { opened, heard, closed, timeout }) {
    Object.assign(this, { opened, heard, closed });
    const { hostname, port } = new URL(url);
    const read = (length, buffer) => this.#read(buffer, length);
    this.socket = connect({ host: hostname, port, noDelay: true, onread: { buffer: READ, callback: read } });
    this.socket.setTimeout(timeout, () => this.#open || this.#end(new Error("no handshake in time")));
    this.socket.on("error", (error) => this.#end(error));
    this.socket.on("close", () => this.#end(1006));
    const key = randomBytes(16).toString("base64");
    const headers = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Key: ${key}`, "Sec-WebSocket-Version: 13"];
    this.socket.write([`GET ${path} HTTP/1.1`, `Host: ${hostname}:${port}`, ...headers, "", ""].join("\r\n"));
  }

  send(text) {
    this.#write(TEXT, Buffer.from(text));
  }

  terminate() {
    this.closed = () => {};
    this.socket.destroy();
  }

  #write(opcode, payload) {
    const { length } = payload;
    const head = length < 126 ? 6 : length < 65_536 ? 8 : 14;
    const frame = Buffer.allocUnsafe(head + length);
    frame[0] = opcode;
    frame[1] = 0x80 | (head === 6 ? length : head === 8 ? 126 : 127);
    if (head === 8) frame.writeUInt16BE(length, 2);
    if (head === 14) frame.writeBigUInt64BE(BigInt(length), 2);
    MASK.copy(frame, head - 4);
    for (let at = 0; at < length; at += 1) frame[head + at] = payload[at] ^ MASK[at & 3];
    this.socket.write(frame);
  }

  #read(buffer, length) {
    if (this.#rest === null) this.#take(buffer, length);
    else {
      this.#rest.push(Buffer.from(buffer.subarray(0, length)));
      this.#wanted -= length;
      if (this.#wanted <= 0) {
        const whole = Buffer.concat(this.#rest);
        this.#rest = null;
        this.#take(whole, whole.length);
      }
    }
    return true;
  }

  #take(buffer, length) {
    let start = this.#open ? 0 : this.#shaken(buffer.subarray(0, length));
    while (start < length) {
      const end = this.#frame(buffer, start, length);
      if (end > length) {
        this.#rest = [Buffer.from(buffer.subarray(start, length))];
        this.#wanted = end - length;
        return;
      }
      start = end;
    }
  }

  /** Where the frame at `start` ends, handled if it is whole; else beyond what is there, as far as that is known. */
  #frame(buffer, start, length) {
    const short = buffer[start + 1]; // a server does not mask
    const begin = start + (short < 126 ? 2 : short === 126 ? 4 : 10);
    if (start + 1 >= length || begin > length) return length + 1;
    const size = short < 126 ? short : short === 126 ? buffer.readUInt16BE(start + 2) : Number(buffer.readBigUInt64BE(start + 2));
    const end = begin + size;
    if (end <= length) this.#whole(buffer[start], buffer, begin, end);
    return end;
  }

  #whole(opcode, buffer, begin, end) {
    if (opcode === TEXT) this.heard(buffer, begin, end);
    else if (opcode === PING) this.#write(PONG, Buffer.from(buffer.subarray(begin, end)));
    else if (opcode === CLOSE) this.#end(end - begin < 2 ? 1005 : buffer.readUInt16BE(begin));
    else this.#end(new Error(`a frame that begins with ${opcode}`));
  }

  /** Where the frames begin, once the answer to the handshake is there. */
  #shaken(bytes) {
    const headers = bytes.indexOf(HEADERS_END);
    if (headers < 0) {
      this.#rest = [Buffer.from(bytes)];
      this.#wanted = 1;
      return bytes.length;
    }
    const status = bytes.toString("latin1", 0, bytes.indexOf("\r\n"));
    if (!status.startsWith("HTTP/1.1 101")) this.#end(new Error(`the handshake was answered with ${status}`));
    this.#open = true;
    this.opened?.();
    return headers + HEADERS_END.length;
  }

  #end(reason) {
    const { closed } = this;
    this.terminate();
    closed(reason);
  }
}
