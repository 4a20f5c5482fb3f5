import { type ChildProcess, spawn } from "node:child_process";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { listening } from "./listening.ts";

/** A camera that speaks as much RTSP (RFC 2326) as it takes to be watched over TCP: what FFmpeg encodes, in one track. */
export interface RtspServer extends AsyncDisposable {
  readonly url: string;
  /** What was asked for, such as `OPTIONS`. */
  readonly asked: readonly string[];
}

/** What FFmpeg's `-f rtp` describes as: H.264 whose parameters come in the stream. */
const SDP = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=camera", "c=IN IP4 127.0.0.1", "t=0 0", "m=video 0 RTP/AVP 96"];
const SDP_TRACK = ["a=rtpmap:96 H264/90000", "a=fmtp:96 packetization-mode=1", "a=control:track0"];

export async function rtspServer(): Promise<RtspServer> {
  const asked: string[] = [];
  const udp = createSocket("udp4");
  const players = new Set<Socket>();
  await once(udp.bind(0, "127.0.0.1"), "listening");
  udp.on("message", (packet) => {
    const frame = Buffer.from([0x24, 0, packet.byteLength >> 8, packet.byteLength & 0xff]);
    for (const player of players) player.write(Buffer.concat([frame, packet]));
  });
  const camera = encode(udp);
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("close", () => players.delete(socket));
    serve(socket, (method) => {
      asked.push(method);
      if (method === "PLAY") players.add(socket);
    });
  });
  const on = await listening(server);
  return {
    url: `rtsp://127.0.0.1:${on.port}/camera`,
    asked,
    async [Symbol.asyncDispose]() {
      camera.kill("SIGKILL");
      await once(camera, "exit");
      await on[Symbol.asyncDispose]();
      udp.close();
    },
  };
}

function encode(to: UdpSocket): ChildProcess {
  const picture = ["-re", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=30"];
  const h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "15", "-bsf:v", "dump_extra"];
  const out = ["-f", "rtp", `rtp://127.0.0.1:${to.address().port}?pkt_size=1200`];
  return spawn("ffmpeg", ["-v", "error", ...picture, ...h264, ...out], { stdio: "ignore" });
}

/** Answers each request; what a player says in interleaved frames (RTCP) is read away with the rest. */
function serve(socket: Socket, onRequest: (method: string) => void): void {
  let text = "";
  socket.on("data", (bytes) => {
    text += bytes.toString("latin1");
    for (let end = text.indexOf("\r\n\r\n"); end !== -1; end = text.indexOf("\r\n\r\n")) {
      const request = text.slice(0, end);
      text = text.slice(end + 4);
      const method = /(OPTIONS|DESCRIBE|SETUP|PLAY|TEARDOWN|GET_PARAMETER) /.exec(request)?.[1] ?? "";
      onRequest(method);
      socket.write(answer(method, /CSeq: *(\d+)/i.exec(request)?.[1] ?? "0"));
    }
  });
}

function answer(method: string, sequence: string): string {
  const head = ["RTSP/1.0 200 OK", `CSeq: ${sequence}`];
  if (method === "OPTIONS") head.push("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER");
  if (method === "SETUP") head.push("Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 1");
  if (method === "PLAY") head.push("Session: 1");
  const body = method === "DESCRIBE" ? [...SDP, ...SDP_TRACK, ""].join("\r\n") : "";
  if (body !== "") head.push("Content-Type: application/sdp", `Content-Length: ${body.length}`);
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
