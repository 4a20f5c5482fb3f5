import { isOutOfFiles, OUT_OF_FILES } from "./core/open-files.ts";

// The rest is read only here: what is in the way of that is said in words as well, not with a stack trace.
try {
  const { main } = await import("./serve.ts");
  await main();
} catch (error) {
  if (!isOutOfFiles(error)) throw error;
  process.stderr.write(`Millrace cannot start: ${OUT_OF_FILES}\n`);
  process.exit(1);
}
