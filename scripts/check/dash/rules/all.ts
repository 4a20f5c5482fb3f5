import type { Rule } from "../../rule.ts";
import type { DashContext } from "../context.ts";
import { latencyRules } from "./latency.ts";
import { manifestRules } from "./manifest.ts";
import { progressRules } from "./progress.ts";
import { referenceTimeRules } from "./reference-times.ts";
import { segmentRules } from "./segments.ts";
import { updateRules } from "./updates.ts";

/** Every rule of ISO/IEC 23009-1 and the DASH-IF's low-latency guidelines that is checked, in the order in which they are shown. */
export const dashRules: readonly Rule<DashContext>[] = [
  ...manifestRules,
  ...latencyRules,
  ...referenceTimeRules,
  ...updateRules,
  ...segmentRules,
  ...progressRules,
];
