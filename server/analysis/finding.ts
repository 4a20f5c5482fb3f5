import { z } from "zod";
import { type AnalysisEventData, eventData, eventType } from "../protocol/analysis.ts";
import type { Frame } from "./frame.ts";

/** What an analyser has found: something that begins or ends, a moment, or a measure. */
export interface Finding {
  readonly type: string;
  readonly shape: "begin" | "end" | "point" | "sample";
  /** Seconds on the broadcast's timeline; the frame's own time when it is left out. */
  readonly time?: number | undefined;
  readonly data?: AnalysisEventData | undefined;
}

/** Looks at one frame after the other; it may remember what it saw. */
export interface Analyser {
  analyze(frame: Frame): readonly Finding[];
}

/** Findings as they come from another thread, some of them made by code that is not ours. */
export const findings = z
  .array(
    z.object({
      type: eventType,
      shape: z.enum(["begin", "end", "point", "sample"]),
      time: z.number().finite().optional(),
      data: eventData.optional(),
    }),
  )
  .max(64);
