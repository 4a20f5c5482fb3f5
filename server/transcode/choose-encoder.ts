import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { messageOf } from "../core/errors.ts";
import { ENCODERS, type EncoderName, encoderOptions, encodeWith } from "./encoders.ts";

const run = promisify(execFile);
/** What Node says of a process that failed. */
const failure = z.object({ stderr: z.string().optional(), killed: z.boolean().optional() });

/** What may be asked for: one encoder, or the first that works. */
export type EncoderWish = EncoderName | "auto";

/** What a trial encodes: half a second of a moving picture. */
const TRIAL = { seconds: 0.5, kbps: 1000, picture: "testsrc2=size=640x360:rate=30" };
/** A driver that hangs is one that does not work. */
const TRIAL_LIMIT_MS = 15_000;
/** On `auto`, the quickest first; the processor can always do it. */
const AUTO_ORDER: readonly EncoderName[] = ["h264_nvenc", "h264_videotoolbox", "h264_qsv", "h264_vaapi", "libx264"];

/** Told what became of each trial on `auto`. */
export type TrialReport = (event: string, details: Record<string, unknown>) => void;

/**
 * The encoder to use. One of a graphics card must really have encoded something on this machine: FFmpeg lists many that
 * then find no device or no driver. Rejects with one clear line when the one that is asked for does not work.
 */
export async function chooseEncoder(binary: string, wish: EncoderWish, report: TrialReport): Promise<EncoderName> {
  // Any FFmpeg has it that is worth having; a start waits for nothing that is so likely.
  if (wish === "libx264") return wish;
  if (wish !== "auto") {
    const problem = await tryEncoder(binary, wish);
    if (problem === undefined) return wish;
    const others = ENCODERS.filter((name) => name !== wish).join(", ");
    throw new Error(
      `MILLRACE_ENCODER=${wish} does not work here: ${problem}. Others are ${others}; auto takes the first that works`,
    );
  }
  for (const name of AUTO_ORDER) {
    const problem = await tryEncoder(binary, name);
    if (problem === undefined) return name;
    report("encoder does not work here", { encoder: name, reason: problem });
  }
  throw new Error(`FFmpeg (${binary}) has no H.264 encoder that works here; one with libx264 does`);
}

/** Why an encoder does not work; undefined when it does. */
async function tryEncoder(binary: string, name: EncoderName): Promise<string | undefined> {
  const { input, filters } = encoderOptions(name);
  const args = [
    ...["-hide_banner", "-nostdin", "-loglevel", "error", ...input],
    ...["-f", "lavfi", "-i", TRIAL.picture, "-t", String(TRIAL.seconds)],
    ...(filters.length === 0 ? [] : ["-vf", filters.join(",")]),
    ...[...encodeWith(name, TRIAL.kbps, "3.1"), "-f", "null", "-"],
  ];
  try {
    await run(binary, args, { timeout: TRIAL_LIMIT_MS, killSignal: "SIGKILL" });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** FFmpeg's first line says what is missing; the later ones follow from it. */
function reasonOf(error: unknown): string {
  const { stderr, killed } = failure.catch({}).parse(error);
  if (killed === true) return `it did nothing within ${TRIAL_LIMIT_MS / 1000} s`;
  const lines = (stderr ?? "").split("\n").map((line) => line.replace(/^(\[[^\]]*\]\s*)+/, "").trim());
  return lines.find((line) => line !== "")?.replace(/\.$/, "") ?? messageOf(error);
}
