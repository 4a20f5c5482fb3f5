import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { readReport, reportIn } from "../../../../server/delivery/viewers/cmcd.ts";

test("version 1 is read from a query and from headers", () => {
  const query = { CMCD: 'bl=3200,br=1000,bs,mtp=2500,ot=v,sf=h,sid="abc"' };
  expect(reportIn({}, query)).toMatchObject({
    session: "abc",
    delivery: "hls",
    bufferMs: 3200,
    kbps: 2500,
    encodedKbps: 1000,
    starved: true,
  });
  const headers = {
    "cmcd-request": "bl=1200,mtp=25400",
    "cmcd-session": 'sf=d,sid="abc"',
    "cmcd-object": "br=300,ot=a",
  };
  const report = reportIn(headers, {});
  expect(report).toMatchObject({ session: "abc", delivery: "dash", bufferMs: 1200, kbps: 25400 });
  // The sound's bit rate says nothing of the picture.
  expect(report?.encodedKbps).toBeUndefined();
});

test("version 2 is read, whose figures may be lists", () => {
  const report = readReport('e=t,sta=p,ts=1700000000000,bl=(3200),mtp=(9000;v),ltc=640,msd=210,sf=d,sid="q",v=2');
  expect(report).toMatchObject({ session: "q", delivery: "dash", bufferMs: 3200, delayMs: 640, joinMs: 210 });
});

test("what is no report is none, and never throws", () => {
  expect(reportIn({}, {})).toBeUndefined();
  expect(reportIn({}, { CMCD: ["a", "b"] })).toBeUndefined();
  expect(readReport("x".repeat(5_000))).toBeUndefined();
  expect(readReport("((((")).toBeUndefined();
  expect(readReport("bl=-5,mtp=99999999999,br=x")).toMatchObject({ bufferMs: undefined, kbps: undefined });
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      readReport(text);
      reportIn({ "cmcd-request": text.replaceAll(/[^\x20-\x7e]/g, "") }, { CMCD: text });
    }),
    { numRuns: 500 },
  );
});

test("a report that is damaged anywhere is read as another or as none", () => {
  const whole = 'bl=3200,br=1000,bs,mtp=2500,ot=v,sf=h,sid="abc"';
  for (let index = 0; index <= whole.length; index++) {
    for (const damaged of [whole.slice(0, index), `${whole.slice(0, index)}\u0000${whole.slice(index + 1)}`]) {
      const report = readReport(damaged);
      if (report?.bufferMs !== undefined) expect(report.bufferMs).toBeGreaterThanOrEqual(0);
    }
  }
});
