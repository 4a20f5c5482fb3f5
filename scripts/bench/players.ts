import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChromium } from "../example/chromium-session.ts";
import { startServer } from "../example/server-process.ts";
import { fetchText, until } from "../example/until.ts";
import { playElsewhere } from "../players/play.ts";
import { FOREIGN_PLAYERS } from "../players/players.ts";
import { type Benchmark, numberOption, type Row, round } from "./report.ts";

const CHANNEL = "players";

/** Other people's players on another site's page, each for minutes. */
export const players: Benchmark = {
  name: "players",
  about: "hls.js, dash.js and shaka-player on a foreign page, stalls counted (--seconds 120)",
  run: async (args) => {
    const seconds = numberOption(args, "seconds", 120);
    const dataDir = await mkdtemp(join(tmpdir(), "millrace-bench-"));
    const settings = { MILLRACE_PORT: "0", MILLRACE_DATA_DIR: dataDir, MILLRACE_LADDER: "ORIGINAL,320x180-15~300" };
    const server = await startServer({ ...settings, MILLRACE_LOG_LEVEL: "error" });
    try {
      await using chromium = await startChromium();
      const publisher = await chromium.context.newPage();
      const query = `channel=${CHANNEL}&source=testcard&width=640&height=360&autostart=1`;
      await publisher.goto(`${server.url}/capture?${query}`);
      const channel = `${server.url}/live/${CHANNEL}`;
      await until({ what: "for the playlist", limitMs: 20_000 }, () => fetchText(`${channel}/master.m3u8`));
      const rows: Row[] = [];
      for (const player of FOREIGN_PLAYERS) {
        const played = await playElsewhere(chromium.context, player, `${channel}/${player.manifest}`, seconds);
        rows.push({
          player: player.name,
          "played, s": round(played.seconds, 1),
          pictures: played.frames,
          stalls: played.stalls,
          failure: played.failure || "none",
        });
      }
      return rows;
    } finally {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};
