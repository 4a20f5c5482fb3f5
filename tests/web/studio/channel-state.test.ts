import { describe, expect, test } from "@jest/globals";
import type { Channel } from "../../../server/protocol/api.ts";
import { PLAIN_CHANNEL } from "../../../server/protocol/channels.ts";
import { byImportance, channelState } from "../../../web/studio/channel-state.ts";
import { broadcastOf } from "../../helpers/studio.ts";

const NOW_MS = Date.parse("2026-01-02T03:01:05.000Z");
const { title, description, watch } = PLAIN_CHANNEL;
const offline: Channel = {
  name: "cam",
  title,
  description,
  watch,
  refusal: null,
  live: false,
  onDemand: false,
  broadcast: null,
};

describe("a channel's state", () => {
  test.each([
    [{}, "live", "Live for 1:05"],
    [{ ready: false }, "connecting", "Starting"],
    [{ failure: "x" }, "error", "Nobody can watch; what is sent is still taken"],
    [{ interruptedSince: "2026-01-02T03:01:00.000Z" }, "reconnecting", "Interrupted for 0:05"],
  ])("of %j is %s", (changes, state, text) => {
    expect(channelState({ ...offline, live: true, broadcast: broadcastOf(changes) }, NOW_MS)).toEqual({ state, text });
  });

  test("without a broadcast is offline, or on demand", () => {
    expect(channelState(offline, NOW_MS)).toEqual({ state: "offline", text: "Offline" });
    expect(channelState({ ...offline, onDemand: true }, NOW_MS).text).toMatch(/when somebody watches/);
  });

  test("puts live ones first, then goes by name", () => {
    const of = (name: string, live: boolean) => ({ ...offline, name, live });
    const sorted = byImportance([of("b", false), of("c", true), of("a", false), of("b2", true)]);
    expect(sorted.map(({ name }) => name)).toEqual(["b2", "c", "a", "b"]);
  });
});
