import { runCommand } from "./command-line.ts";
import { hlsChecker } from "./hls/checker.ts";

process.exitCode = await runCommand(hlsChecker, process.argv.slice(2), { print: console.log, complain: console.error });
