import { LiveError } from "../../core/errors.ts";
import type { KeyStore } from "../channels/key-store.ts";
import type { Guesses } from "./guesses.ts";
import { askToPublish, type PublishAnswer, type PublishHookOptions, type PublishQuestion } from "./publish-hook.ts";

/** What a publisher was let in with. */
export interface Grant extends PublishAnswer {
  /** The id of its key, where keys are needed. */
  readonly keyId?: string | undefined;
}

/** Who may publish (contract §8), and what decides it. */
export type PublishRule =
  | { readonly kind: "open" }
  | { readonly kind: "keys"; readonly keys: Pick<KeyStore, "use">; readonly guesses: Guesses }
  | { readonly kind: "webhook"; readonly hook: PublishHookOptions; readonly guesses: Guesses };

/** Lets a publisher in. Rejects with `bad_key`, or with `too_many` when its address has guessed too often. */
export async function permitToPublish(rule: PublishRule, who: PublishQuestion): Promise<Grant> {
  if (rule.kind === "open") return {};
  const lock = `publish ${who.channel}`;
  rule.guesses.check(lock, who.address);
  try {
    return rule.kind === "keys" ? grantByKey(rule.keys, who) : await askToPublish(rule.hook, who);
  } catch (error) {
    if (error instanceof LiveError && who.key !== undefined) rule.guesses.wrong(lock, who.address);
    throw error;
  }
}

function grantByKey(keys: Pick<KeyStore, "use">, { channel, key }: PublishQuestion): Grant {
  if (key === undefined) throw new LiveError("bad_key", "publishing needs a key of the channel here");
  const keyId = keys.use(channel, key);
  if (keyId === undefined) throw new LiveError("bad_key", "this is not a key of the channel, or not any more");
  return { keyId };
}
