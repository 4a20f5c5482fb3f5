import { z } from "zod";

const port = z.number().int().min(1).max(65_535).nullable();

/** `GET /api/v1/server`: how the server is set up, as far as whoever runs channels on it has to know. */
export const serverSetup = z.object({
  /** Who may publish. */
  publish: z.enum(["open", "keys", "webhook"]),
  /** What channels without a ladder of their own get, in the grammar of `MILLRACE_LADDER`. */
  ladder: z.string(),
  /** Whether broadcasts are kept where nobody has said otherwise. */
  record: z.boolean(),
  /** Null where there is no such way in. */
  rtmpPort: port,
  framesPort: port,
  /** Key frames that are further apart make the encoder encode what it would pass through. */
  maxKeyIntervalSeconds: z.number().positive(),
  /** New broadcasts are refused while less of the disk is free; 0: never. */
  minFreeBytes: z.number().int().nonnegative(),
});

export type ServerSetup = z.infer<typeof serverSetup>;
