import { once } from "node:events";
import { connect, type Server, type Socket } from "node:net";

/** A connection to a server on loopback that is open. */
export async function connectTo(server: Server): Promise<Socket> {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}
