/** What comes from the other end of a socket. */
export interface WireReport {
  onText(text: string): void;
  onBinary(data: ArrayBuffer): void;
  /** Nothing more comes. Called once, also when there never was a connection, but not after `close`. */
  onClose(code: number, reason: string): void;
}

/** One socket, open or being opened. */
export interface Wire {
  /** Sends, if the socket is open. */
  send(text: string): void;
  /** Ends it without another word. */
  close(): void;
}

/** Opens a socket. Throws when the browser does not even try. */
export type OpenWire = (url: string, report: WireReport) => Wire;

/** Sockets of the browser that speak a subprotocol. */
export const browserWire =
  (subprotocol: string): OpenWire =>
  (url, report) => {
    const socket = new WebSocket(url, subprotocol);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === "string") report.onText(data);
      else if (data instanceof ArrayBuffer) report.onBinary(data);
    };
    socket.onclose = ({ code, reason }) => report.onClose(code, reason);
    return {
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: () => {
        socket.onmessage = null;
        socket.onclose = null;
        socket.close(1000);
      },
    };
  };
