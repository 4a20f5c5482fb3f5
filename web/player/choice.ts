import type { Delivery, EngineFailure, EngineKind } from "./engine.ts";
import { mediaSourceClass } from "./socket/media-sink.ts";

/** Best first. Images come last: few channels have them, and those have all the others, too, with fewer bytes. */
const DELIVERIES: readonly Delivery[] = ["socket", "hls", "native", "dash", "frames"];

/** What a viewer asked for: one delivery, whatever works best (`auto`), or a word that means nothing here. */
export type Asked = Delivery | "auto" | { readonly unknown: string };

/** Reads `?delivery=`. */
export function parseDelivery(query: URLSearchParams): Asked {
  const given = query.get("delivery");
  if (given === null || given === "" || given === "auto") return "auto";
  return DELIVERIES.find((delivery) => delivery === given) ?? { unknown: given };
}

/** What this browser can do. */
export interface Support {
  /** Media Source Extensions, or their managed form, with H.264. */
  readonly mediaSource: boolean;
  readonly webSocket: boolean;
  /** A player of its own for HLS. */
  readonly nativeHls: boolean;
  /** Can show images through a canvas. */
  readonly canvas: boolean;
}

/** Asks the browser. */
export function browserSupport(video: HTMLVideoElement): Support {
  return {
    mediaSource: mediaSourceClass()?.isTypeSupported('video/mp4; codecs="avc1.42E01E"') ?? false,
    webSocket: typeof WebSocket === "function",
    nativeHls: video.canPlayType("application/vnd.apple.mpegurl") !== "",
    canvas: typeof createImageBitmap === "function" && "captureStream" in HTMLCanvasElement.prototype,
  };
}

/** The engines to try, in order, or why there is none, in words. */
export type Plan = { readonly engines: readonly EngineKind[] } | { readonly problem: string };

/** Best first. What was asked for is what is used, or it is a problem: never silently another. */
export function planEngines(asked: Asked, support: Support, isLive: boolean): Plan {
  if (typeof asked === "object") {
    return { problem: `There is no delivery called “${asked.unknown}”. Use socket, hls, dash or frames.` };
  }
  if ((asked === "socket" || asked === "frames") && !isLive) {
    return { problem: `A recording is not delivered over ${DELIVERY_NAMES[asked]}. Use hls or dash.` };
  }
  const supported = supportedDeliveries(support, isLive);
  const engines = asked === "auto" ? best(supported) : supported.filter((kind) => kind === asked);
  if (engines.length > 0) return { engines };
  if (asked === "auto") return { problem: "This browser can play neither HLS nor DASH." };
  return { problem: `This browser cannot play over ${DELIVERY_NAMES[asked]}. Choose another delivery.` };
}

/** Images are for those who want them, and for browsers that can do nothing else. */
function best(supported: readonly EngineKind[]): readonly EngineKind[] {
  const usual = supported.filter((kind) => kind !== "frames");
  return usual.length > 0 ? usual : supported;
}

/** How deliveries are called in the page. */
export const DELIVERY_NAMES: Readonly<Record<EngineKind, string>> = {
  socket: "the low-latency socket",
  hls: "HLS",
  dash: "DASH",
  native: "HLS (browser's own player)",
  frames: "image frames",
};

/** The deliveries that this browser can do, best first. */
export function supportedDeliveries(support: Support, isLive: boolean): readonly EngineKind[] {
  return DELIVERIES.filter((kind) => runs(kind, support, isLive));
}

function runs(kind: EngineKind, support: Support, isLive: boolean): boolean {
  if (kind === "native") return support.nativeHls;
  if (kind === "frames") return isLive && support.webSocket && support.canvas;
  if (kind === "socket" && !(isLive && support.webSocket)) return false;
  return support.mediaSource;
}

/** What to do after an engine failed. */
export type NextStep =
  | { readonly do: "retry"; readonly index: number; readonly delayMs: number }
  | { readonly do: "give-up" };

const MAX_RETRY_MS = 8_000;
/** So many network failures in a row are reason to try another engine's addresses. */
const NETWORK_PATIENCE = 3;

/**
 * Decides after the failure number `failures` (from 1) of engine `index`: the network is waited for without end,
 * with growing pauses; a picture that never moves is tried with each engine in turn; what one engine cannot play or
 * reach, the next one may, and after the last one there is nothing left.
 */
export function nextStep(failure: EngineFailure, index: number, failures: number, engines: number): NextStep {
  if (failure.kind === "network") {
    const change = engines > 1 && failures % NETWORK_PATIENCE === 0;
    const delayMs = Math.min(MAX_RETRY_MS, 500 * 2 ** Math.min(failures, 10));
    return { do: "retry", index: change ? (index + 1) % engines : index, delayMs };
  }
  if (failure.kind === "silence") return { do: "retry", index: (index + 1) % engines, delayMs: 0 };
  return index + 1 < engines ? { do: "retry", index: index + 1, delayMs: 0 } : { do: "give-up" };
}
