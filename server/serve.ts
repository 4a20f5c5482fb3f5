import { once } from "node:events";
import { type App, startApp } from "./app.ts";
import { describeSettings, loadEnvironment, parseArguments, parseSettings } from "./config.ts";
import { readConfigFile } from "./config-file.ts";
import { messageOf } from "./core/errors.ts";
import { explainStart } from "./start-failure.ts";

const PUBLISH_RULES: Readonly<Record<"open" | "keys" | "webhook", string>> = {
  open: "anyone who can reach this address may publish",
  keys: "every publisher needs a key of its channel",
  webhook: "every publisher needs leave from MILLRACE_PUBLISH_HOOK",
};

/** A stop that hangs must not hang for ever (contract §1). */
const STOP_LIMIT_MS = 9_500;

/** What is asked for on the command line: the help, or the service. */
export async function main(): Promise<void> {
  let wish: ReturnType<typeof parseArguments>;
  try {
    wish = parseArguments(process.argv.slice(2));
  } catch (error) {
    return sayCannotStart(error);
  }
  if (wish === "help") process.stdout.write(describeSettings());
  else await serve();
}

function sayCannotStart(error: unknown): void {
  process.stderr.write(`Millrace cannot start: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

/** Runs until SIGINT or SIGTERM; a second signal meets no handler and ends the process at once. */
async function serve(): Promise<void> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort(name));

  const app = await start().catch(sayCannotStart);
  if (app === undefined) return;
  if (!stop.signal.aborted) await once(stop.signal, "abort");
  setTimeout(() => {
    process.stderr.write("Millrace did not stop in time and gives up\n");
    process.exit(1);
  }, STOP_LIMIT_MS).unref();
  await app[Symbol.asyncDispose]();
}

/** Starts what the settings say, and says who may publish and where it is. */
async function start(): Promise<App> {
  const file = readConfigFile(process.cwd());
  const config = parseSettings({ ...file.settings, ...loadEnvironment(process.cwd()) });
  const app = await startApp(config, file).catch((error: unknown) => {
    throw new Error(explainStart(error, config), { cause: error });
  });
  const operator =
    app.newAdminToken === undefined ? "" : `Admin token (keep it, it is shown this once): ${app.newAdminToken}\n`;
  const rtmp = app.rtmpUrl === undefined ? "" : `RTMP: ${app.rtmpUrl}/live/CHANNEL\n`;
  const frames = app.framesUrl === undefined ? "" : `Image frames: ${app.framesUrl}\n`;
  process.stdout.write(
    `Publishing: ${PUBLISH_RULES[config.publish]}\n${operator}${rtmp}${frames}Millrace is ready: ${app.url}\n`,
  );
  return app;
}
