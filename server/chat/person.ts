import type { Caller } from "./addresses.ts";

/** Who writes: what limits and penalties go by. */
export interface Person {
  /** The same for all connections of one client; a hash, since clients keep it as their secret. */
  readonly key: string;
  readonly caller: Caller;
  readonly name: string;
  readonly isModerator: boolean;
}
