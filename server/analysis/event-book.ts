import type { AnalysisEvent, AnalysisEventData } from "../protocol/analysis.ts";
import type { Finding } from "./finding.ts";

/** More events per second of media than this are noise that somebody makes by mistake. */
const MAX_PER_SECOND = 50;

/** Makes events of what analysers find: numbers them, and pairs beginnings with ends. */
export class EventBook {
  readonly #tell: (event: AnalysisEvent) => void;
  readonly #open = new Map<string, AnalysisEvent>();
  #wallOf: (time: number) => number = () => 0;
  #nextId: number;
  #written = 0;
  #leftOut = 0;
  #second = 0;
  #inSecond = 0;

  /** `firstId` follows those that an earlier life of the server has written. */
  constructor(firstId: number, tell: (event: AnalysisEvent) => void) {
    this.#nextId = firstId;
    this.#tell = tell;
  }

  /** How many events there were. */
  get written(): number {
    return this.#written;
  }

  /** How many were left out because they came too quickly. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** From now on media times in seconds belong to these Unix times in ms. */
  set clock(wallOf: (time: number) => number) {
    this.#wallOf = wallOf;
  }

  /** Writes what analysers called `from` found in a frame at `time`. */
  write(from: string, findings: readonly Finding[], time: number): void {
    for (const finding of findings) {
      if (finding.shape !== "end" && this.#isTooMuch(time)) continue;
      const at = finding.time ?? time;
      const key = `${from} ${finding.type}`;
      if (finding.shape === "end") this.#end(key, at, finding.data);
      else if (finding.shape !== "begin") this.#add(finding, at, finding.shape);
      else if (!this.#open.has(key)) {
        this.#open.set(key, this.#add(finding, at, "range"));
      }
    }
  }

  /** Ends what these analysers had begun, or all when none are named. */
  close(time: number, from?: string): void {
    for (const key of [...this.#open.keys()]) {
      if (from === undefined || key.startsWith(`${from} `)) this.#end(key, time, undefined);
    }
  }

  #add(finding: Finding, time: number, shape: AnalysisEvent["shape"]): AnalysisEvent {
    const event: AnalysisEvent = {
      id: this.#nextId++,
      type: finding.type,
      shape,
      startMs: Math.round(time * 1000),
      durationMs: shape === "range" ? null : 0,
      at: new Date(Math.max(0, this.#wallOf(time))).toISOString(),
      data: finding.data ?? {},
    };
    this.#written += 1;
    this.#tell(event);
    return event;
  }

  /** What was told at the beginning stays as it was: HLS wants that of the same date range. */
  #end(key: string, time: number, data: AnalysisEventData | undefined): void {
    const event = this.#open.get(key);
    if (event === undefined) return;
    this.#open.delete(key);
    const durationMs = Math.max(0, Math.round(time * 1000) - event.startMs);
    this.#tell({ ...event, durationMs, data: { ...data, ...event.data } });
  }

  #isTooMuch(time: number): boolean {
    const second = Math.floor(time);
    this.#inSecond = second === this.#second ? this.#inSecond + 1 : 1;
    this.#second = second;
    if (this.#inSecond <= MAX_PER_SECOND) return false;
    this.#leftOut += 1;
    return true;
  }
}
