import { z } from "zod";
import { eventType } from "./events.ts";

/** `POST /api/v1/hooks`: which events go where; no types are all but `analysis`, which is frequent. */
export const newHook = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "an address that begins with http:// or https://" }).max(2_000),
  types: z.array(eventType).max(100).default([]),
});

/** One receiver of events. */
const hook = z.object({
  id: z.uuidv7(),
  url: z.string(),
  types: z.array(eventType),
  createdAt: z.iso.datetime(),
  /** Events that it has not taken yet. */
  pending: z.number().int().nonnegative(),
  /** Why the last try failed; null when it did not. */
  problem: z.string().nullable(),
  deliveredAt: z.iso.datetime().nullable(),
});

/** The answer to a new one: the only time that its secret is shown. */
export const shownHook = hook.extend({ secret: z.string() });

export const hookList = z.object({ items: z.array(hook) });

export type NewHook = z.output<typeof newHook>;
export type Hook = z.infer<typeof hook>;
export type ShownHook = z.infer<typeof shownHook>;
