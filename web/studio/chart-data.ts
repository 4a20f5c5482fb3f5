import type { AudienceSample } from "../../server/protocol/stats.ts";
import { formatBitRate, formatDelay } from "../ui/format.ts";

/** One line of a chart. */
export interface ChartLine {
  readonly name: string;
  readonly of: (sample: AudienceSample) => number | null;
  /** The name of a colour in the style sheet. */
  readonly colour: string;
}

/** One chart: a title, lines, and how a value is written. */
export interface ChartPlan {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
  /** The axis reaches at least so far. */
  readonly atLeast: number;
  /** Its values are counts: nothing lies between two of them. */
  readonly isCount?: boolean;
}

const ms = (value: number) => formatDelay(value / 1000);

/** The charts of a live broadcast. */
export const CHARTS: readonly ChartPlan[] = [
  {
    title: "Viewers",
    lines: [{ name: "viewers", of: ({ viewers }) => viewers, colour: "--water" }],
    format: (value) => String(Math.round(value)),
    atLeast: 1,
    isCount: true,
  },
  {
    title: "Delay of viewers",
    lines: [{ name: "delay", of: ({ delayMs }) => delayMs, colour: "--water" }],
    format: ms,
    atLeast: 100,
  },
  {
    title: "Bit rate",
    lines: [
      { name: "in", of: ({ kbpsIn }) => kbpsIn * 1000, colour: "--water" },
      { name: "out", of: ({ kbpsOut }) => kbpsOut * 1000, colour: "--wood" },
    ],
    format: formatBitRate,
    atLeast: 100_000,
  },
  {
    title: "Delay of the encoder",
    lines: [{ name: "encoder", of: ({ encoderMs }) => encoderMs, colour: "--water" }],
    format: ms,
    atLeast: 100,
  },
];

/** Twenty minutes, as many as the server keeps. */
const KEPT = 600;

/** The course of one broadcast, put together from what the server tells piece by piece. */
export class Course {
  #samples: readonly AudienceSample[] = [];

  get samples(): readonly AudienceSample[] {
    return this.#samples;
  }

  /** What is newer has to be asked for. */
  get newestAt(): string | undefined {
    return this.#samples.at(-1)?.at;
  }

  add(newer: readonly AudienceSample[]): void {
    this.#samples = [...this.#samples, ...newer].slice(-KEPT);
  }
}
