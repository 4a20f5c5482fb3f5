import { spawn } from "node:child_process";
import { WebSocketServer } from "ws";

/**
 * What Millrace is measured against: a WebSocket server that only pipes each publisher's bytes into an FFmpeg. Started
 * with the binary and its arguments as JSON; prints its port; ends with its standard input.
 */
const [binary = "ffmpeg", json = "[]"] = process.argv.slice(2);
const parsed: unknown = JSON.parse(json);
const args = Array.isArray(parsed) ? parsed.map(String) : [];
const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
server.on("listening", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) console.log(address.port);
});
server.on("connection", (socket) => {
  const { stdin } = spawn(binary, args, { stdio: ["pipe", "ignore", "ignore"] });
  stdin.on("error", () => {});
  socket.on("message", (data: Buffer) => {
    if (stdin.write(data)) return;
    socket.pause();
    stdin.once("drain", () => socket.resume());
  });
  socket.on("close", () => stdin.end());
});
process.stdin.on("end", () => process.exit()).resume();
