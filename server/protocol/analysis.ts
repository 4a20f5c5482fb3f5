import { z } from "zod";

/** The analysers that are built in, in the order of their help. */
export const ANALYSERS = ["motion", "brightness", "black", "freeze", "scene", "silence", "loudness"] as const;
export type AnalyserName = (typeof ANALYSERS)[number];

/** What an event tells beside its time: a few short facts. */
export const eventData = z
  .record(
    z.string().regex(/^[a-z][A-Za-z0-9]{0,31}$/),
    z.union([z.number().finite(), z.boolean(), z.string().max(200)]),
  )
  .refine((data) => Object.keys(data).length <= 16, "an event has at most 16 facts");

/** What an event is of: `black`, `scene`, … or what an operator's module calls it. */
export const eventType = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);

/**
 * Something that analysis has seen or heard, on the broadcast's own timeline. A `range` is told twice: when it begins,
 * with `durationMs` null, and when it is over. A `point` and a `sample` (a measure taken once a second) have 0.
 */
export const analysisEvent = z.object({
  /** Counts the broadcast's events from 1; both tellings of a range have the same. */
  id: z.number().int().positive(),
  type: eventType,
  shape: z.enum(["range", "point", "sample"]),
  /** Milliseconds on the broadcast's timeline: the clock of its tracks. */
  startMs: z.number().int(),
  durationMs: z.number().int().nonnegative().nullable(),
  /** When that moment reached the server: the clock of EXT-X-PROGRAM-DATE-TIME. */
  at: z.iso.datetime(),
  data: eventData,
});

/** `/live/CHANNEL/events.json` and `/recordings/BROADCAST/events.json`: oldest first, every range once. */
export const analysisEventList = z.object({
  /** `placeSeconds` is where a player of the recording has it; it plays breaks in the broadcast without a pause. */
  items: z.array(analysisEvent.extend({ placeSeconds: z.number().optional() })),
});

/** How an analysis goes, for the API. */
export const analysisState = z.object({
  /** Pictures that every analyser has seen, and those left out because they could not keep up. */
  frames: z.number().int().nonnegative(),
  dropped: z.number().int().nonnegative(),
  events: z.number().int().nonnegative(),
  /** What runs: the built-in analysers, and the operator's module. */
  analysers: z.array(
    z.object({
      name: z.string(),
      state: z.enum(["running", "restarting", "given up"]),
      restarts: z.number().int().nonnegative(),
      /** Why it was stopped the last time; null when it never was. */
      failure: z.string().nullable(),
    }),
  ),
});

export type AnalysisEvent = z.infer<typeof analysisEvent>;
export type AnalysisEventData = z.infer<typeof eventData>;
export type AnalysisEventList = z.infer<typeof analysisEventList>;
export type AnalysisState = z.infer<typeof analysisState>;
