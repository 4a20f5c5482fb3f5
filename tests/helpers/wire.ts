import { WebSocket } from "ws";
import { LIVE_SUBPROTOCOL } from "../../server/protocol/live.ts";
import type { OpenWire, Wire, WireReport } from "../../web/player/socket/wire.ts";

/** The page's socket, outside of a browser. */
export const nodeWire: OpenWire = (url, report) => openNodeWire(url, LIVE_SUBPROTOCOL, report);

/** The same with another subprotocol. */
export function openNodeWire(url: string, subprotocol: string, report: WireReport): Wire {
  const socket = new WebSocket(url, subprotocol);
  socket.binaryType = "arraybuffer";
  let isOver = false;
  socket.on("message", (data, isBinary) => {
    if (isOver) return;
    if (!isBinary) report.onText(String(data));
    else if (data instanceof ArrayBuffer) report.onBinary(data);
  });
  socket.on("close", (code, reason) => {
    if (!isOver) report.onClose(code, String(reason));
  });
  // `close` follows.
  socket.on("error", () => {});
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => {
      isOver = true;
      socket.close(1000);
    },
  };
}
