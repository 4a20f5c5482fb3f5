/** A piece of text and when it is shown, in seconds. */
export interface VttCue {
  readonly start: number;
  readonly end: number;
  /** One line or several, none of them empty. */
  readonly text: string;
}

/** Writes a WebVTT file (W3C WebVTT §4.1). */
export function formatWebVtt(cues: readonly VttCue[]): string {
  return ["WEBVTT\n", ...cues.map(({ start, end, text }) => `${time(start)} --> ${time(end)}\n${text}\n`)].join("\n");
}

const CUE = /^(\d+):(\d{2}):(\d{2}\.\d{3}) --> (\d+):(\d{2}):(\d{2}\.\d{3})$/;

/** Reads what {@link formatWebVtt} writes, as far as cues of one line go. */
export function readWebVtt(text: string): VttCue[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const times = CUE.exec(line)?.slice(1).map(Number);
    if (times === undefined) return [];
    return [{ start: seconds(times.slice(0, 3)), end: seconds(times.slice(3)), text: lines[index + 1] ?? "" }];
  });
}

function seconds([hours = 0, minutes = 0, rest = 0]: readonly number[]): number {
  return hours * 3600 + minutes * 60 + rest;
}

/** Hours, minutes and seconds with three digits behind the point. */
function time(seconds: number): string {
  const ms = Math.max(0, Math.round(seconds * 1000));
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const rest = String(ms % 1000).padStart(3, "0");
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${rest}`;
}
