import { expect, test } from "@jest/globals";
import { explainStart } from "../../server/start-failure.ts";

const config = { http: { host: "127.0.0.1", port: 80, maxHeaderBytes: 16_384, tls: undefined }, dataDir: "./data" };

test.each([
  [{ code: "EADDRINUSE", syscall: "listen" }, /^MILLRACE_PORT=80 \(on 127\.0\.0\.1\): another program uses this port/],
  [{ code: "EACCES", syscall: "listen" }, /^MILLRACE_PORT=80 .*may not listen/],
  [{ code: "EADDRNOTAVAIL", syscall: "listen" }, /^MILLRACE_HOST=127\.0\.0\.1: this machine does not have/],
  [{ code: "ENOTFOUND", syscall: "getaddrinfo" }, /^MILLRACE_HOST=127\.0\.0\.1: there is no such name/],
  [{ code: "EACCES", path: "/x" }, /^MILLRACE_DATA_DIR=\.\/data: the folder may not be written \(EACCES\)$/],
  [{ code: "ENOTDIR", path: "/x" }, /^MILLRACE_DATA_DIR=\.\/data: this is no folder/],
  [{ code: "EMFILE", path: "/x" }, /^too many files are open: .*ulimit -n/],
  [{ cause: { code: "ENFILE" } }, /^too many files are open/],
  [{}, /^words$/],
])("%j is said in one line that names what to change", (facts, words) => {
  expect(explainStart(Object.assign(new Error("words"), facts), config)).toMatch(words);
});
