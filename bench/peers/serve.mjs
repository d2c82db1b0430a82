// Socket.IO as its documentation tunes it: WebSocket only, no compression, no request kept for each connection.
import { createServer } from "node:http";
import { Server } from "socket.io";

/** The namespace /chat of a server that listens on PORT once `ready` is done. */
export const serve = (ready = Promise.resolve()) => {
  const http = createServer();
  const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });
  io.engine.on("connection", (raw) => {
    raw.request = null;
  });
  ready.then(() => http.listen(Number(process.env.PORT), "127.0.0.1", 4096));
  process.once("SIGTERM", () => process.exit(0));
  return io.of("/chat");
};
