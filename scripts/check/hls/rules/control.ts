import { speaksHttp2 } from "../../http2.ts";
import { type Rule, type Verdict, verdict } from "../../rule.ts";
import { type HlsContext, hasParts, inEach, isLive } from "../context.ts";
import { canBlock } from "../watch.ts";

/** What EXT-X-SERVER-CONTROL promises, and the transport below. */
export const controlRules: readonly Rule<HlsContext>[] = [
  {
    id: "can-block-reload",
    section: "4.4.3.8",
    level: "MUST",
    title: "SERVER-CONTROL offers CAN-BLOCK-RELOAD",
    needs: [isLive],
    run: (context) =>
      verdict(
        inEach(context, ({ latest }) => (canBlock(latest) ? [] : ["no CAN-BLOCK-RELOAD=YES: not low latency"])),
        "YES everywhere",
      ),
  },
  {
    id: "part-hold-back",
    section: "4.4.3.8; authoring 14.3",
    level: "MUST",
    title: "PART-HOLD-BACK of at least 3 part targets",
    needs: [isLive, hasParts],
    run: (context) => atLeast(context, "PART-HOLD-BACK", 3, (latest) => latest.partTarget, true),
  },
  {
    id: "hold-back",
    section: "4.4.3.8",
    level: "MUST",
    title: "HOLD-BACK, if given, of at least 3 target durations",
    needs: [isLive, gives("HOLD-BACK")],
    run: (context) => atLeast(context, "HOLD-BACK", 3, (latest) => latest.targetSeconds, false),
  },
  {
    id: "can-skip-until",
    section: "4.4.3.8",
    level: "MUST",
    title: "CAN-SKIP-UNTIL, if given, of at least 6 target durations",
    needs: [isLive, gives("CAN-SKIP-UNTIL")],
    run: (context) => atLeast(context, "CAN-SKIP-UNTIL", 6, (latest) => latest.targetSeconds, false),
  },
  {
    id: "offers-delta-updates",
    section: "authoring 14.4",
    level: "SHOULD",
    title: "delta updates are offered",
    needs: [isLive, hasParts],
    run: (context) =>
      verdict(
        inEach(context, ({ latest }) => (latest.serverControl?.has("CAN-SKIP-UNTIL") ? [] : ["no CAN-SKIP-UNTIL"])),
        "CAN-SKIP-UNTIL",
      ),
  },
  {
    id: "http2",
    section: "B.1",
    level: "MUST",
    title: "HTTP/2 is spoken",
    needs: [hasParts],
    run: ({ entry: { url } }) => speaksHttp2(url),
  },
];

type Latest = HlsContext["renditions"][number]["latest"];

/** A need: some rendition has the attribute. */
function gives(name: string) {
  return ({ renditions }: HlsContext) =>
    renditions.some(({ latest }) => latest.serverControl?.has(name)) ? undefined : `${name} is not given`;
}

function atLeast(
  context: HlsContext,
  name: string,
  times: number,
  unitOf: (latest: Latest) => number | undefined,
  required: boolean,
): Verdict {
  const given = (latest: Latest) => latest.serverControl?.get(name);
  return verdict(
    inEach(context, ({ latest }) => {
      const text = given(latest);
      if (text === undefined) return required ? [`no ${name}`] : [];
      const least = times * (unitOf(latest) ?? 0);
      return Number(text) >= least - ROUNDING ? [] : [`${name}=${text}, ${least} is the least`];
    }),
    context.renditions.map(({ name: one, latest }) => `${one} ${given(latest)}`).join(", "),
  );
}

/** 3 × 0.2 is a little more than 0.6. */
const ROUNDING = 1e-6;
