import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { CHROMIUM_SWITCHES, FAKE_DEVICE_SWITCHES, findChromium } from "../chromium.ts";

/** A headless Chromium with a fake camera and a profile that is new and goes when it closes. */
export interface ChromiumSession extends AsyncDisposable {
  readonly context: BrowserContext;
}

/** Starts the Chromium that this machine has. */
export async function startChromium(): Promise<ChromiumSession> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("no Chromium found; CHROMIUM_PATH can name one");
  const profile = await mkdtemp(join(tmpdir(), "millrace-chromium-"));
  const remove = () => rm(profile, { recursive: true, force: true, maxRetries: 5 });
  try {
    const args = [...CHROMIUM_SWITCHES, ...FAKE_DEVICE_SWITCHES];
    const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args });
    return { context, [Symbol.asyncDispose]: () => context.close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
