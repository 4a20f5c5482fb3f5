import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { descendantsOf, survivors } from "../../../scripts/example/processes.ts";
import { until } from "../../../scripts/example/until.ts";

test("finds children and theirs, and knows when they are gone", async () => {
  const shell = spawn("sh", ["-c", "sleep 60 & echo started; wait"], { detached: true });
  await once(shell.stdout, "data");
  const family = () => descendantsOf(process.pid).filter(({ pid, parent }) => [pid, parent].includes(shell.pid ?? 0));
  const found = await until({ what: "for the sleep", limitMs: 5000 }, () =>
    family().some(({ name }) => name.endsWith("sleep")) ? family() : undefined,
  );
  expect(found.map(({ pid }) => pid)).toContain(shell.pid);
  expect(survivors(found)).toHaveLength(2);

  process.kill(-(shell.pid ?? 0), "SIGKILL");
  await until({ what: "for their end", limitMs: 5000 }, () => (survivors(found).length === 0 ? true : undefined));
});
