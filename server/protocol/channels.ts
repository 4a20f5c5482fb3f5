import { z } from "zod";
import { parseLadder } from "./ladder.ts";
import { channelName } from "./names.ts";

/** A ladder as text; its grammar is that of `MILLRACE_LADDER`. */
export const ladderText = z.string().superRefine((text, context) => {
  try {
    parseLadder(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
  }
});

const wishes = {
  title: z.string().trim().max(200),
  description: z.string().trim().max(5_000),
  /** Null: that of the settings. */
  ladder: ladderText.nullable(),
  /** Null: as the settings say. */
  record: z.boolean().nullable(),
  /** `link`: only with a signed link. */
  watch: z.enum(["open", "link"]),
  /** How long its recordings are kept, and how many; null: as the settings say. */
  keepDays: z.number().positive().nullable(),
  keepCount: z.number().int().nonnegative().nullable(),
} as const;

/** What a channel is like until somebody says otherwise. */
export const PLAIN_CHANNEL = {
  title: "",
  description: "",
  ladder: null,
  record: null,
  watch: "open",
  keepDays: null,
  keepCount: null,
} as const satisfies ChannelWishes;

const channelWishes = z.object(wishes);

/** What can be said of a channel; what is left out stays as it is. */
export const channelChanges = z.strictObject(wishes).partial();

/** `POST /api/v1/channels`. */
export const newChannel = z.strictObject({ name: channelName, ...channelChanges.shape });

/** A channel that somebody has made. */
export const madeChannel = channelWishes.extend({ name: channelName, createdAt: z.iso.datetime() });

/** A key that may publish, without the key itself: that is shown once. */
const streamKey = z.object({
  id: z.uuidv7(),
  label: z.string(),
  createdAt: z.iso.datetime(),
  /** When somebody last began to publish with it. */
  usedAt: z.iso.datetime().nullable(),
});

export const streamKeyList = z.object({ items: z.array(streamKey) });

/** `POST …/keys`. */
export const newStreamKey = z.strictObject({ label: z.string().trim().max(100).default("") });

/** Its answer: the only time that the key is shown. */
export const shownKey = z.object({ id: z.uuidv7(), label: z.string(), key: z.string() });

/** `POST …/links`: for how long, in seconds; a year at most. */
export const newWatchLink = z.strictObject({
  expiresInSeconds: z
    .number()
    .int()
    .positive()
    .max(366 * 86_400)
    .default(86_400),
});

/** A link that lets its holder watch until it expires. `path` is the page's; `token` goes into all other addresses. */
export const watchLink = z.object({ token: z.string(), path: z.string(), expiresAt: z.iso.datetime() });

export type ChannelWishes = z.infer<typeof channelWishes>;
export type ChannelChanges = z.infer<typeof channelChanges>;
export type MadeChannel = z.infer<typeof madeChannel>;
export type StreamKey = z.infer<typeof streamKey>;
export type ShownKey = z.infer<typeof shownKey>;
