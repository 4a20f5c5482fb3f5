import { LADDER_GRAMMAR, type LadderEntry, parseLadder } from "../../server/protocol/ladder.ts";

/** What a ladder means, or what is wrong with it. */
export interface LadderWords {
  readonly isGood: boolean;
  readonly text: string;
}

/** Reads a ladder as it is typed; nothing written is the server's own, `initial`. */
export function ladderWords(text: string, initial: string): LadderWords {
  const isOwn = text.trim() !== "";
  try {
    const entries = parseLadder(isOwn ? text : initial).map(entryWords);
    return {
      isGood: true,
      text: `${isOwn ? "Viewers get" : "As the server is set, viewers get"} ${entries.join("; ")}.`,
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { isGood: false, text: `${problem}. A ladder has, with commas between them, ${LADDER_GRAMMAR}.` };
  }
}

function entryWords(entry: LadderEntry): string {
  if (entry.original) return "the picture as it comes";
  const { width, height, fps, kbps } = entry;
  const rates = [
    fps === undefined ? [] : `${fps} pictures a second`,
    kbps === undefined ? [] : `${kbps} kbit/s`,
  ].flat();
  return [`up to ${width} × ${height}`, ...rates].join(", ");
}
