/** One segment in a SegmentTimeline, in ticks of the representation's timescale. */
export interface TimelineEntry {
  readonly start: number;
  readonly duration: number;
}

/** The lines of a SegmentTimeline (ISO/IEC 23009-1 §5.3.9.6), each after `indent`. */
export function timelineLines(segments: readonly TimelineEntry[], indent: string): string[] {
  const lines = entryLines(segments).map((line) => `${indent}  ${line}`);
  return [`${indent}<SegmentTimeline>`, ...lines, `${indent}</SegmentTimeline>`];
}

/** Equal neighbours share one element (`r` counts the repetitions); `t` stands where the time does not follow. */
function entryLines(segments: readonly TimelineEntry[]): string[] {
  const lines: string[] = [];
  for (let index = 0; index < segments.length; ) {
    const entry = segments[index];
    if (entry === undefined) break;
    let repeats = 0;
    while (follows(segments[index + repeats], segments[index + repeats + 1], entry.duration)) repeats++;
    const previous = segments[index - 1];
    const time =
      previous !== undefined && previous.start + previous.duration === entry.start ? "" : `t="${entry.start}" `;
    lines.push(`<S ${time}d="${entry.duration}"${repeats > 0 ? ` r="${repeats}"` : ""}/>`);
    index += repeats + 1;
  }
  return lines;
}

function follows(entry: TimelineEntry | undefined, next: TimelineEntry | undefined, duration: number): boolean {
  if (entry === undefined || next === undefined) return false;
  return next.duration === duration && entry.start + entry.duration === next.start;
}
