/** A part in a playlist. */
interface Part {
  readonly uri: string;
  readonly seconds: number;
  readonly independent: boolean;
}

/** A segment in a playlist; without an address while it is being made. */
interface Segment {
  readonly uri: string | undefined;
  readonly seconds: number;
  readonly date: number;
  readonly gap: boolean;
  readonly parts: readonly Part[];
}

/** What a media playlist says. */
export interface SeenPlaylist {
  readonly target: number;
  readonly partTarget: number;
  readonly sequence: number;
  readonly discontinuities: number;
  readonly segments: readonly Segment[];
  readonly hint: string | undefined;
  readonly ended: boolean;
}

/** Reads a media playlist line by line, as RFC 8216bis describes it. */
export function readLive(text: string): SeenPlaylist {
  const segments: Segment[] = [];
  let parts: Part[] = [];
  let [date, seconds, gap] = [0, 0, false];
  for (const line of text.split("\n")) {
    if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) date = Date.parse(line.slice(25));
    else if (line.startsWith("#EXT-X-PART:")) parts.push(partIn(line));
    else if (line === "#EXT-X-GAP") gap = true;
    else if (line.startsWith("#EXTINF:")) seconds = Number.parseFloat(line.slice(8));
    else if (line !== "" && !line.startsWith("#")) {
      segments.push({ uri: line, seconds, date, gap, parts });
      [parts, gap] = [[], false];
    }
  }
  if (parts.length > 0) segments.push({ uri: undefined, seconds: 0, date, gap: false, parts });
  return {
    target: figure(text, "TARGETDURATION:"),
    partTarget: figure(text, "PART-TARGET="),
    sequence: figure(text, "MEDIA-SEQUENCE:"),
    discontinuities: figure(text, "DISCONTINUITY-SEQUENCE:"),
    segments,
    hint: /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(text)?.[1],
    ended: text.endsWith("#EXT-X-ENDLIST\n"),
  };
}

function partIn(line: string): Part {
  const [, seconds, uri] = /DURATION=([\d.]+),URI="([^"]+)"/.exec(line) ?? [];
  return { seconds: Number(seconds), uri: uri ?? "", independent: line.includes("INDEPENDENT=YES") };
}

function figure(text: string, name: string): number {
  return Number(new RegExp(`${name}([\\d.]+)`).exec(text)?.[1]);
}

/** Looks at every state of one playlist and fails when a rule of RFC 8216bis is broken, within it or since the last. */
export class PlaylistWatch {
  #last: SeenPlaylist | undefined;
  readonly #lengths = new Map<string, number>();

  /** How many segments have been listed. */
  get segments(): number {
    return this.#lengths.size;
  }

  look(text: string): void {
    const seen = readLive(text);
    checkLengths(seen);
    this.#checkSegmentsStay(seen);
    if (this.#last !== undefined) checkSince(this.#last, seen);
    this.#last = seen;
  }

  /** §6.2.1: what is listed once does not change. */
  #checkSegmentsStay({ segments }: SeenPlaylist): void {
    for (const { uri, seconds } of segments) {
      if (uri === undefined) continue;
      const before = this.#lengths.get(uri) ?? seconds;
      must(before === seconds, `${uri} was ${before} s long and is now ${seconds}`);
      this.#lengths.set(uri, seconds);
    }
  }
}

/** Jest's own expectations would take most of the time of thousands of playlists. */
function must(holds: boolean, words: string): void {
  if (!holds) throw new Error(words);
}

function checkLengths({ target, partTarget, segments }: SeenPlaylist): void {
  for (const { uri, seconds, parts, date } of segments) {
    must(date > 0, `${uri} has no date`);
    must(uri === undefined || Math.round(seconds) <= target, `${uri} is ${seconds} s long, of ${target} at most`);
    for (const [index, part] of parts.entries()) {
      must(part.seconds <= partTarget + 1e-5, `${part.uri} is ${part.seconds} s long, of ${partTarget} at most`);
      const mayBeShort = part.independent || index === parts.length - 1;
      must(mayBeShort || part.seconds >= 0.85 * partTarget - 1e-5, `${part.uri} is only ${part.seconds} s long`);
    }
  }
}

function checkSince(before: SeenPlaylist, now: SeenPlaylist): void {
  must(now.target === before.target && now.partTarget === before.partTarget, "a target has changed");
  must(now.sequence >= before.sequence, "the media sequence went back");
  must(now.discontinuities >= before.discontinuities, "the discontinuity sequence went back");
  const whole = ({ sequence, segments }: SeenPlaylist) => sequence + segments.filter(({ uri }) => uri).length;
  must(whole(now) >= whole(before), "segments are gone");
  // A hint comes true unless the encoder began anew or all is over.
  const run = (uri: string | undefined) => uri?.split("/")[0];
  const isOpen = now.hint === before.hint || now.ended || run(now.hint) !== run(before.hint);
  const listed = now.segments.some(({ parts }) => parts.some(({ uri }) => uri === before.hint));
  must(before.hint === undefined || isOpen || listed, `${before.hint} was hinted at and never came`);
}
