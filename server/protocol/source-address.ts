/** What an address that is pulled from leads to. */
type AddressKind = "rtsp" | "hls" | "rtmp" | "srt" | "srt-listener";

/** An address that can be pulled from, as a person may see it: without what is secret in it. */
export interface SourceAddress {
  readonly kind: AddressKind;
  /** Complete, as it was checked. */
  readonly href: string;
  /** Without user, password and query. */
  readonly shown: string;
}

/** What an address may look like, in words. */
const ADDRESS_GRAMMAR = "an rtsp, rtsps, rtmp, rtmps or srt address, or the http or https address of an HLS playlist";

const MAX_LENGTH = 2048;
const KINDS: Readonly<Record<string, AddressKind>> = {
  "rtsp:": "rtsp",
  "rtsps:": "rtsp",
  "rtmp:": "rtmp",
  "rtmps:": "rtmp",
  "http:": "hls",
  "https:": "hls",
  "srt:": "srt",
};
/** Everything else that FFmpeg would take here could also write files or change how the connection is secured. */
const SRT_QUERY = ["mode", "streamid"];

/** Reads an address; throws an error in words when it is none that can be pulled from. */
export function parseAddress(text: string): SourceAddress {
  if (text.length > MAX_LENGTH) throw new Error(`an address has at most ${MAX_LENGTH} characters`);
  // A space would end the address for FFmpeg's RTMP and begin its options.
  if (/[^\x21-\x7e]/.test(text)) throw new Error("an address has no spaces and only ASCII characters: write %20");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const kind = KINDS[url?.protocol ?? ""];
  if (url === undefined || kind === undefined || url.hostname === "") throw new Error(`allowed is ${ADDRESS_GRAMMAR}`);
  url.hash = "";
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  if (kind !== "srt") return { kind, href: url.href, shown };
  return { kind: srtKind(url), href: url.href, shown };
}

function srtKind({ port, searchParams }: URL): AddressKind {
  const unknown = [...searchParams.keys()].find((key) => !SRT_QUERY.includes(key));
  if (unknown === "passphrase") throw new Error("the passphrase stands beside the address, not in it");
  if (unknown !== undefined) throw new Error(`an srt address takes ${SRT_QUERY.join(" and ")}, not ${unknown}`);
  if (port === "") throw new Error("an srt address needs a port");
  const mode = searchParams.get("mode") ?? "caller";
  if (mode !== "caller" && mode !== "listener") throw new Error("an srt address has mode=caller or mode=listener");
  return mode === "caller" ? "srt" : "srt-listener";
}
