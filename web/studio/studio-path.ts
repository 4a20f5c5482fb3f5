import { channelName } from "../../server/protocol/names.ts";

/** What an address of the studio shows. */
export type StudioTarget =
  | { readonly kind: "overview" }
  | { readonly kind: "channel"; readonly channel: string }
  | { readonly kind: "unknown"; readonly text: string };

/** Reads `/studio` and `/studio/CHANNEL`. */
export function parseStudioPath(path: string): StudioTarget {
  const [, , name = ""] = path.split("/");
  if (name === "") return { kind: "overview" };
  const parsed = channelName.safeParse(decoded(name));
  if (parsed.success) return { kind: "channel", channel: parsed.data };
  return { kind: "unknown", text: `There is no such channel: ${parsed.error.issues[0]?.message ?? "bad name"}.` };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
