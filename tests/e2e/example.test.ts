import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";

test("the headless example publishes, plays over every delivery and leaves nothing behind", () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", "tsx", "scripts/headless-example.ts"], {
    encoding: "utf8",
    timeout: 170_000,
  });
  expect({ status, stdout, stderr }).toMatchObject({ status: 0 });
  for (const delivery of ["socket", "hls", "dash"])
    expect(stdout).toMatch(new RegExp(`^${delivery} +\\d+\\.\\d s played in`, "m"));
  expect(stdout).toMatch(/The example works\.\n$/);
});
