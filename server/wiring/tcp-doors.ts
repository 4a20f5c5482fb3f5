import type { Config } from "../config.ts";
import type { Scope } from "../core/scope.ts";
import { listenForFrames } from "../ingest/frames/listener.ts";
import type { Publishing } from "../ingest/publishing.ts";
import { listenForRtmp } from "../ingest/rtmp/listener.ts";
import type { TcpDoorOptions } from "../ingest/tcp-door.ts";

/** What the ways in over TCP have in common. */
export interface TcpIngest {
  readonly publishing: Publishing;
  readonly idleMs: number;
  readonly limits: TcpDoorOptions["limits"];
  readonly report: (event: string, details: Record<string, unknown>) => void;
}

/** How publishers' addresses begin; undefined where there is no such way in. */
export interface TcpAddresses {
  readonly rtmpUrl?: string | undefined;
  readonly framesUrl?: string | undefined;
}

/** Opens the ports of RTMP and of image frames, as far as they are wanted, and leaves to `scope` what shuts them. */
export async function openTcpDoors(
  { http: { host }, rtmpPort, framesPort, maxFrameBytes }: Config,
  { report, ...ingest }: TcpIngest,
  scope: Scope,
): Promise<Required<TcpAddresses>> {
  const rtmp = rtmpPort === undefined ? undefined : await listenForRtmp({ ...ingest, host, port: rtmpPort });
  if (rtmp !== undefined) scope.use(rtmp);
  const images = { ...ingest, report, maxImageBytes: maxFrameBytes };
  const frames = framesPort === undefined ? undefined : await listenForFrames({ ...images, host, port: framesPort });
  if (frames !== undefined) scope.use(frames);
  return { rtmpUrl: rtmp?.url, framesUrl: frames?.url };
}
