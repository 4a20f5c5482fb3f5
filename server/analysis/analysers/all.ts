import type { AnalyserName } from "../../protocol/analysis.ts";
import type { Analyser } from "../finding.ts";
import { Differences } from "./difference.ts";
import { black, brightness, freeze, motion, scene } from "./pictures.ts";
import { loudness, silence } from "./sounds.ts";

/** Those that listen; the others look. */
export const OF_SOUND: ReadonlySet<AnalyserName> = new Set(["silence", "loudness"]);

/** Makes the built-in analysers of these names for one broadcast. */
export function builtIn(names: readonly AnalyserName[]): Analyser[] {
  const differences = new Differences();
  const make: Readonly<Record<AnalyserName, () => Analyser>> = {
    motion: () => motion(differences),
    brightness,
    black,
    freeze: () => freeze(differences),
    scene: () => scene(differences),
    silence,
    loudness,
  };
  return names.map((name) => make[name]());
}
