import { runCommand } from "./command-line.ts";
import { dashChecker } from "./dash/checker.ts";

process.exitCode = await runCommand(dashChecker, process.argv.slice(2), {
  print: console.log,
  complain: console.error,
});
