import type { EngineKind, OpenEngine } from "./engine.ts";

/** How each delivery's engine is opened. */
export type EngineOpeners = Readonly<Partial<Record<EngineKind, OpenEngine>>>;

/** The engines behind which there are large players, which come only when they are used. */
export const ENGINE_OPENERS: EngineOpeners = {
  hls: async (request) => (await import("./hls.ts")).openHls(request),
  dash: async (request) => (await import("./dash.ts")).openDash(request),
  native: async (request) => (await import("./native.ts")).openNative(request),
  frames: async (request) => (await import("./frames/frames-engine.ts")).openFrames(request),
};
