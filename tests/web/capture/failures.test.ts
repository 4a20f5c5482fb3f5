import { describe, expect, test } from "@jest/globals";
import {
  explainClose,
  explainRefusal,
  explainServerMessage,
  explainSoundMissing,
  explainSourceFailure,
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

describe("a socket that does not open", () => {
  test.each([
    ["live", false, /taken/],
    ["unreachable", false, /cannot be reached/],
    ["idle", true, /key may be wrong/],
    ["idle", false, /may want a key/],
    ["unknown", false, /refused/],
  ] as const)("on a channel that is %s (key: %s)", (check, hasKey, words) => {
    expect(explainRefusal("demo", check, hasKey)).toMatch(words);
  });
});

describe("a socket that closes", () => {
  test.each([
    [1001, /shutting down/],
    [1006, /lost/],
    [1009, /too large/],
    [1012, /restarting/],
    [3999, /broke/],
    [4403, /ended the broadcast/],
  ])("with %d has words", (code, words) => {
    expect(explainClose(code, "")).toMatch(words);
  });

  test("passes on what the server said", () => {
    expect(explainClose(4403, "stopped by the operator")).toMatch(/stopped by the operator/);
    expect(explainServerMessage("ERROR: the container is not recognised")).toMatch(
      /: the container is not recognised$/,
    );
  });
});
