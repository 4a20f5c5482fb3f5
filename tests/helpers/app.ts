import { type App, startApp } from "../../server/app.ts";
import { parseSettings } from "../../server/config.ts";
import type { SourceTable } from "../../server/protocol/sources.ts";

/** The server as a whole in this process: on a free port, silent, without pages; `settings` are on top of that. */
export function startTestApp(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
  sources: SourceTable = {},
): Promise<App> {
  const config = parseSettings({
    MILLRACE_PORT: "0",
    MILLRACE_RTMP_PORT: "off",
    MILLRACE_FRAMES_PORT: "off",
    MILLRACE_DATA_DIR: dataDir,
    MILLRACE_LOG_LEVEL: "silent",
    MILLRACE_PAGES: "off",
    MILLRACE_LADDER: "ORIGINAL",
    ...settings,
  });
  return startApp(config, { sources });
}
