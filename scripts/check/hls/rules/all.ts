import type { Rule } from "../../rule.ts";
import type { HlsContext } from "../context.ts";
import { blockingRules } from "./blocking.ts";
import { changeRules } from "./changes.ts";
import { controlRules } from "./control.ts";
import { deltaRules } from "./delta.ts";
import { hintRules } from "./hints.ts";
import { mediaRules } from "./media.ts";
import { partRules } from "./parts.ts";
import { renditionRules } from "./renditions.ts";
import { reportRules } from "./reports.ts";
import { segmentRules } from "./segments.ts";
import { syntaxRules } from "./syntax.ts";
import { timingRules } from "./timing.ts";

/** Every rule of RFC 8216bis and Apple's authoring specification that is checked, in the order in which they are shown. */
export const hlsRules: readonly Rule<HlsContext>[] = [
  ...syntaxRules,
  ...changeRules,
  ...timingRules,
  ...renditionRules,
  ...segmentRules,
  ...mediaRules,
  ...partRules,
  ...controlRules,
  ...hintRules,
  ...reportRules,
  ...blockingRules,
  ...deltaRules,
];
