import { expect, test } from "@jest/globals";
import { takesGzip } from "../../../server/core/send-text.ts";

test.each([
  { header: "gzip", takes: true },
  { header: "gzip, deflate, br, zstd", takes: true },
  { header: "deflate;q=0.5,gzip;q=1.0", takes: true },
  { header: "GZIP", takes: true },
  { header: "gzip;q=0", takes: false },
  { header: "br, gzip;q=0.000, *", takes: false },
  { header: "deflate, br", takes: false },
  { header: "notgzip", takes: false },
  { header: "gzipped", takes: false },
  { header: "identity", takes: false },
  { header: undefined, takes: false },
])("$header: $takes", ({ header, takes }) => {
  expect(takesGzip(header)).toBe(takes);
});
