import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const MAC_APPLICATIONS = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The switches that every unattended Chromium of ours is started with. */
export const CHROMIUM_SWITCHES: readonly string[] = [
  // Containers often lack the user namespaces that the sandbox needs; we only open pages of our own.
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

/** A camera and a microphone that any machine has: a moving picture and beeps, and nobody is asked. */
export const FAKE_DEVICE_SWITCHES: readonly string[] = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
];

/** The path of the first Chromium that starts: CHROMIUM_PATH if it is set, else one with a usual name. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH ?? "";
  const candidates = named === "" ? [...NAMES.flatMap(onPath), ...MAC_APPLICATIONS] : [named];
  return candidates.filter((path) => existsSync(path)).find(starts);
}

function onPath(name: string): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name));
}

/** A file that is there need not be a browser: Ubuntu's chromium-browser may only say that a snap is missing. */
function starts(path: string): boolean {
  try {
    execFileSync(path, ["--version"], { stdio: "ignore", timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

// Run as a program: prints the path, or fails.
if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const path = findChromium();
  if (path === undefined) process.exitCode = 1;
  else console.log(path);
}
