// Many sockets of the official client at once. usage: node many.mjs <url> <token> <count>; ends with stdin.
// Says when all are ready, and when all have heard a message; fails when one is lost before the end.

import { io } from "socket.io-client";

const AT_A_TIME = 100; // connecting; more would only wait for the database
const [url, token, count] = process.argv.slice(2);
const own = { forceNew: true, transports: ["websocket"], reconnection: false };

let heard = 0;
const connects = () =>
  new Promise((resolve, reject) => {
    const socket = io(`${url}/chat`, { auth: { token }, ...own });
    socket.once("ready", resolve);
    socket.once("connect_error", reject);
    socket.on("disconnect", () => (process.exitCode = 1));
    socket.on("message:created", () => ++heard === Number(count) && console.log("all have heard"));
  });

let left = Number(count);
const some = async () => {
  while (left-- > 0) await connects();
};
process.stdin.resume().on("end", () => process.exit());
await Promise.all(Array.from({ length: AT_A_TIME }, some));
console.log("all are ready");
