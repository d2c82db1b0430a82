// The official JavaScript client, driven by tests: says what happens as JSON lines, sends what it reads as JSON lines.
// usage: node client.mjs <url> <token> <transports, separated by commas>; stdin: [event, payload] a line; ends with stdin.

import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [url, token, transports] = process.argv.slice(2);
const socket = io(`${url}/chat`, { auth: { token }, transports: transports.split(","), reconnectionDelay: 50 });
const tell = (what, told = {}) => {
  const transport = socket.io.engine?.transport?.name;
  console.log(JSON.stringify({ what, transport, ...told }));
};

socket.on("connect", () => tell("connected", { sid: socket.id }));
socket.on("connect_error", (error) => tell("refused", { message: error.message, data: error.data, active: socket.active }));
socket.on("disconnect", (reason) => tell("disconnected", { reason, active: socket.active }));
socket.onAny((event, data) => tell("heard", { event, data }));
socket.io.on("reconnect_attempt", () => tell("reconnecting"));
// Again for each connection: a new one has a new engine.
socket.io.on("open", () => {
  tell("opened");
  socket.io.engine.on("upgrade", () => tell("upgraded"));
});

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [event, payload] = JSON.parse(line);
    socket.emit(event, payload, (ack) => tell("ack", { event, ack }));
  })
  .on("close", () => socket.disconnect());
