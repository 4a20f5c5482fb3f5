import { TcpDoor, type TcpDoorOptions } from "../tcp-door.ts";
import { RtmpConnection, type RtmpConnectionOptions } from "./connection.ts";

/** What RTMP is served with. */
export interface RtmpListenerOptions
  extends Omit<RtmpConnectionOptions, "refusal">,
    Pick<TcpDoorOptions, "host" | "port" | "limits"> {}

/** Opens the port that RTMP publishers connect to. Resolves when it is bound; rejects when it cannot be. */
export function listenForRtmp({ host, port, limits, ...options }: RtmpListenerOptions): Promise<TcpDoor> {
  const setting = { setting: "MILLRACE_RTMP_PORT", purpose: "RTMP cannot be served" };
  return TcpDoor.open(
    { scheme: "rtmp", host, port, limits, ...setting },
    (socket, refusal) => new RtmpConnection(socket, { ...options, refusal }),
  );
}
