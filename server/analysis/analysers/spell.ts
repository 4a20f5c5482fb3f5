import type { AnalysisEventData } from "../../protocol/analysis.ts";
import type { Finding } from "../finding.ts";

/** Turns "is it so now?" into a range: it is told when it has been so for a while, and again when it is over. */
export class Spell {
  readonly #type: string;
  readonly #leastSeconds: number;
  #since: number | undefined;
  #isTold = false;

  /** What lasts less than `leastSeconds` is not told at all. */
  constructor(type: string, leastSeconds: number) {
    this.#type = type;
    this.#leastSeconds = leastSeconds;
  }

  /** `time` in seconds; `since` is where it began, if that was before. */
  look(isSo: boolean, time: number, data?: AnalysisEventData, since = time): Finding[] {
    const type = this.#type;
    if (!isSo) {
      const wasTold = this.#isTold;
      this.#since = undefined;
      this.#isTold = false;
      return wasTold ? [{ type, shape: "end", time, data }] : [];
    }
    this.#since ??= since;
    if (this.#isTold || time - this.#since < this.#leastSeconds) return [];
    this.#isTold = true;
    return [{ type, shape: "begin", time: this.#since, data }];
  }
}
