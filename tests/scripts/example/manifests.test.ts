import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readDash } from "../../../scripts/example/manifests.ts";

/** A manifest whose video names its segments in this way. */
const manifestWith = (template: string) =>
  `<MPD type="dynamic"><Period><AdaptationSet contentType="video"><Representation id="v" codecs="avc1.42c01e">
  ${template}</Representation></AdaptationSet></Period></MPD>`;

let template = "";
const server = createServer((_request, response) => void response.end(manifestWith(template)));
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => void server.close());

function channelUrl(): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/live/x/`;
}

test("segments that a manifest lists are told one by one", async () => {
  template = `<SegmentTemplate timescale="1000"><SegmentTimeline>
    <S t="0" d="2000" r="1"/><S d="1500"/></SegmentTimeline></SegmentTemplate>`;
  expect(await readDash(channelUrl())).toEqual({
    codecs: "avc1.42c01e",
    segmentSeconds: [2, 2, 1.5],
    isEnded: false,
  });
});

test("segments that a manifest numbers all have the same length", async () => {
  template = `<SegmentTemplate timescale="1000" media="$Number$.m4s" startNumber="1" duration="2000"/>`;
  expect((await readDash(channelUrl())).segmentSeconds).toEqual([2]);
});
