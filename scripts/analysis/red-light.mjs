// A sample analyser: tells when a red light (a recording lamp, an alarm) is somewhere in the picture, and for how long.
// Try it: MILLRACE_ANALYSIS_MODULE=scripts/analysis/red-light.mjs npm start

/** What it wants to see; the default. */
export const wants = ["picture"];

/** YUV 4:2:0: red is where V is far above its middle, 128, and U is not. */
const RED_V = 190;
const MOST_U = 130;
/** Of all pixels of the small chroma planes. */
const SHARE = 0.002;
/** A light that blinks is still on. In seconds. */
const REST_SECONDS = 2;

let lastSeen = Number.NEGATIVE_INFINITY;
let isTold = false;

export function analyze({ time, planes: { u, v } }) {
  let red = 0;
  for (let at = 0; at < v.length; at++) if (v[at] >= RED_V && u[at] <= MOST_U) red += 1;
  const share = red / v.length;
  if (share >= SHARE) lastSeen = time;
  const isOn = time - lastSeen < REST_SECONDS;
  if (isOn === isTold) return [];
  isTold = isOn;
  // The end is told of later than it was: the light may have been blinking.
  return [
    isOn
      ? { type: "red-light", shape: "begin", time, data: { share } }
      : { type: "red-light", shape: "end", time: lastSeen },
  ];
}
