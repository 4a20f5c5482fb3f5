import { z } from "zod";

/** A channel's name (contract §3). `live` is a folder of addresses, so no channel can be called that. */
export const channelName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,128}$/, "a channel's name has 1 to 128 letters, digits, _ or -")
  .refine((name) => name !== "live", "the name live is reserved");

/** A broadcast's id: UUIDv7 (contract §3). */
export const broadcastId = z.uuidv7("a broadcast's id is a UUIDv7");
