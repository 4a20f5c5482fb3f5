import { z } from "zod";
import { ANALYSERS } from "../protocol/analysis.ts";
import { findings } from "./finding.ts";
import type { FrameParcel } from "./frame.ts";

/** What a worker runs: built-in analysers, or an operator's module by its absolute path. */
export const workerJob = z.union([
  z.object({ analysers: z.array(z.enum(ANALYSERS)) }),
  z.object({ module: z.string() }),
]);
export type WorkerJob = z.infer<typeof workerJob>;

/** To the worker: one frame, which it answers before it gets the next. */
export type ToWorker = FrameParcel;

/** From the worker. */
export const fromWorker = z.discriminatedUnion("type", [
  /** Comes once, when everything is loaded. */
  z.object({ type: z.literal("ready"), wants: z.array(z.enum(["picture", "sound"])) }),
  /** The answer to a frame. */
  z.object({
    type: z.literal("done"),
    findings,
    /** What the worker holds, as far as limits on its heap do not see it. */
    outsideBytes: z.number().nonnegative(),
  }),
]);
export type FromWorker = z.infer<typeof fromWorker>;
