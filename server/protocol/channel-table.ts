import { z } from "zod";
import { parseLadder } from "./ladder.ts";
import { channelName } from "./names.ts";

/** A ladder as it is written, read into its entries. */
const ladderText = z.string().transform((text, context) => {
  try {
    return parseLadder(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

/** What is set for one channel instead of for all of them. */
const channelSettings = z.strictObject({
  /** The renditions that its viewers get, as in `MILLRACE_LADDER`. */
  ladder: ladderText.optional(),
});

/** Channels by name. */
export const channelTable = z.record(channelName, channelSettings);

export type ChannelTable = Readonly<Record<string, z.output<typeof channelSettings>>>;
