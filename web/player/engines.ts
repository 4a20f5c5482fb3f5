import type { EngineKind, OpenEngine } from "./engine.ts";

/** Every engine by its delivery. The players behind them are large and come only when they are used. */
export const ENGINE_OPENERS: Readonly<Record<EngineKind, OpenEngine>> = {
  hls: async (request) => (await import("./hls.ts")).openHls(request),
  dash: async (request) => (await import("./dash.ts")).openDash(request),
  native: async (request) => (await import("./native.ts")).openNative(request),
};
