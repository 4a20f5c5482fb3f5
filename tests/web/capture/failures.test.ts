import { describe, expect, test } from "@jest/globals";
import {
  explainNoConnection,
  explainSoundMissing,
  explainSourceFailure,
  judgeClose,
} from "../../../web/capture/failures.ts";

describe("a source that cannot be opened", () => {
  test.each([
    ["NotAllowedError", "camera", /refused/],
    ["NotFoundError", "camera", /No camera was found/],
    ["NotReadableError", "camera", /busy/],
    ["OverconstrainedError", "camera", /not there any more/],
    ["NotAllowedError", "screen", /not allowed/],
    ["InvalidStateError", "screen", /click/],
    ["StrangeError", "camera", /could not be opened \(StrangeError\)/],
  ] as const)("%s of the %s has words", (name, source, words) => {
    expect(explainSourceFailure(name, source, true)).toMatch(words);
  });

  test("on an insecure page, that is the reason whatever the browser says", () => {
    expect(explainSourceFailure("NotSupportedError", "camera", false)).toMatch(/https/);
  });

  test.each(["NotAllowedError", "NotFoundError", "NotReadableError", "Other"])(
    "%s of the sound only costs the sound",
    (name) => {
      expect(explainSoundMissing(name)).toMatch(/no sound/);
    },
  );
});

describe("a connection that does not come about", () => {
  test("is the server's fault when it does not answer at all, and else that of something in between", () => {
    expect(explainNoConnection(false)).toMatch(/cannot be reached/);
    expect(explainNoConnection(true)).toMatch(/proxy/);
  });
});

describe("a connection that closes", () => {
  test.each([
    [1001, /shutting down/],
    [1006, /lost/],
    [1011, /error/],
    [1012, /restarting/],
    [1013, /no room/],
    [3999, /broke/],
    [4429, /no more connections/],
    [4503, /no room/],
  ])("with %d can be made again", (code, words) => {
    expect(judgeClose(code, "", "demo")).toEqual({ isFinal: false, text: expect.stringMatching(words) });
  });

  test.each([
    [1000, /ended the broadcast/],
    [1009, /too large/],
    [4400, /Load the page again/],
    [4401, /key/],
    [4403, /operator/],
    [4404, /does not know/],
    [4409, /The channel demo is taken/],
    [4415, /does not take/],
    [4499, /ended the broadcast/],
  ])("with %d does so for good", (code, words) => {
    expect(judgeClose(code, "", "demo")).toEqual({ isFinal: true, text: expect.stringMatching(words) });
  });

  test("passes on what the server said", () => {
    expect(judgeClose(4403, "no advertising here", "demo").text).toMatch(/The server said: no advertising here$/);
  });
});
