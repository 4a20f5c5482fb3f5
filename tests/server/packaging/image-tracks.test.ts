import { expect, test } from "@jest/globals";
import { manifest } from "../../../server/packaging/dash.ts";
import { multivariantPlaylist } from "../../../server/packaging/hls.ts";
import { imagePlaylist } from "../../../server/packaging/image-tracks.ts";
import { brokenRecording } from "../../helpers/presentation.ts";

const images = { times: [2, 4, 100.5, 102.5], width: 320, height: 180, largestBytes: 10_000 };

test("HLS has a playlist of the images, and the multivariant one names it", () => {
  const presentation = brokenRecording();
  const image = (name: string, wall: string, seconds: number) => [
    `#EXT-X-PROGRAM-DATE-TIME:${wall}`,
    `#EXTINF:${seconds.toFixed(5)},`,
    `#EXT-X-TILES:RESOLUTION=320x180,LAYOUT=1x1,DURATION=${seconds.toFixed(3)}`,
    name,
  ];
  expect(imagePlaylist(presentation, images)).toBe(
    [
      "#EXTM3U",
      "#EXT-X-VERSION:7",
      "#EXT-X-TARGETDURATION:3",
      "#EXT-X-MEDIA-SEQUENCE:0",
      "#EXT-X-PLAYLIST-TYPE:VOD",
      "#EXT-X-IMAGES-ONLY",
      ...image("0.jpg", "2023-11-14T22:13:20.000Z", 2),
      ...image("1.jpg", "2023-11-14T22:13:22.000Z", 2),
      "#EXT-X-DISCONTINUITY",
      ...image("2.jpg", "2023-11-14T22:14:58.000Z", 2.5),
      ...image("3.jpg", "2023-11-14T22:15:00.500Z", 1.5),
      "#EXT-X-ENDLIST\n",
    ].join("\n"),
  );
  const line =
    '#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=40000,RESOLUTION=320x180,CODECS="jpeg",URI="previews/playlist.m3u8"\n';
  expect(multivariantPlaylist(presentation, "", images)).toContain(line);
  expect(multivariantPlaylist(presentation, "")).not.toContain("IMAGE");
});

test("DASH has an adaptation set of tiles in each period, last in it", () => {
  const options = { extent: "all", folder: "", clockUrl: "", nowMs: 0 } as const;
  const presentation = brokenRecording();
  const text = manifest(presentation, { ...options, images });
  const sets = [...text.matchAll(/ {4}<AdaptationSet id="1"[\s\S]*?<\/AdaptationSet>\n {2}<\/Period>/g)].map(
    ([set]) => set,
  );
  expect(sets).toHaveLength(2);
  expect(sets[1]).toBe(
    [
      '    <AdaptationSet id="1" contentType="image" mimeType="image/jpeg">',
      '      <Representation id="previews" bandwidth="40000" width="320" height="180">',
      '        <EssentialProperty schemeIdUri="http://dashif.org/guidelines/thumbnail_tile" value="1x1"/>',
      '        <SegmentTemplate timescale="1000" presentationTimeOffset="100000" media="previews/$Number$.jpg" startNumber="2">',
      "          <SegmentTimeline>",
      '            <S t="100000" d="2500"/>',
      '            <S d="1500"/>',
      "          </SegmentTimeline>",
      "        </SegmentTemplate>",
      "      </Representation>",
      "    </AdaptationSet>",
      "  </Period>",
    ].join("\n"),
  );
  expect(sets[0]).toContain('presentationTimeOffset="2000" media="previews/$Number$.jpg" startNumber="0">');
  expect(sets[0]).toContain('<S t="2000" d="2000" r="1"/>');
  expect(manifest(presentation, options)).not.toContain("image");
});
