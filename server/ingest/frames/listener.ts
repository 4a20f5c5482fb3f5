import { TcpDoor, type TcpDoorOptions } from "../tcp-door.ts";
import { FramesConnection, type FramesConnectionOptions } from "./connection.ts";

/** What publishers of images are served with. */
export interface FramesListenerOptions
  extends FramesConnectionOptions,
    Pick<TcpDoorOptions, "host" | "port" | "limits"> {}

/** Opens the port that publishers of images connect to. Resolves when it is bound; rejects when it cannot be. */
export function listenForFrames({ host, port, limits, ...options }: FramesListenerOptions): Promise<TcpDoor> {
  const setting = { setting: "MILLRACE_FRAMES_PORT", purpose: "Image frames cannot be taken" };
  return TcpDoor.open({ scheme: "tcp", host, port, limits, ...setting }, (socket, refusal) => {
    if (refusal === undefined) return new FramesConnection(socket, options);
    // Nothing can be said over this protocol.
    options.report("a publisher of images was refused", { from: socket.remoteAddress, reason: refusal });
    socket.destroy();
    return undefined;
  });
}
