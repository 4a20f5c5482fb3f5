import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { WebSocket as NodeWebSocket } from "ws";
import type { StartPulse } from "../../../web/capture/line.ts";
import { resumableUplink } from "../../../web/capture/resumable-uplink.ts";
import type { BroadcastMemory, ResumeTicket } from "../../../web/capture/unfinished.ts";
import type { Uplink } from "../../../web/capture/uplink.ts";
import { browserGlobals } from "../../helpers/browser-globals.ts";
import { eventually } from "../../helpers/eventually.ts";
import { oneForAll, oneForEach } from "../../helpers/lifetime.ts";
import { memorySpill } from "../../helpers/memory-spill.ts";
import { PublishServer } from "../../helpers/publish-server.ts";

// Node 20 has no WebSocket of its own; this one has the same face.
oneForAll(() => browserGlobals({ WebSocket: NodeWebSocket }));
const server = oneForEach(PublishServer.start);

/** A page: an uplink to the server, and everything that it says. */
class Page {
  readonly said: string[] = [];
  readonly spill = memorySpill();
  readonly controller = new AbortController();
  ticket: ResumeTicket | undefined;
  isReachable = true;
  pulses = 0;
  wake: () => void = () => {};
  #uplink: Uplink | undefined;
  #produced: Buffer[] = [];

  get uplink(): Uplink {
    if (this.#uplink === undefined) throw new Error("not connected yet");
    return this.#uplink;
  }

  get produced(): Buffer {
    return Buffer.concat(this.#produced);
  }

  async connect(): Promise<void> {
    const memory: BroadcastMemory = {
      recall: async () => this.ticket,
      remember: (ticket) => {
        this.ticket = ticket;
      },
      forget: () => {
        this.ticket = undefined;
      },
      leave: () => void this.said.push("left"),
    };
    const startPulse: StartPulse = ({ onBeat, onWake }) => {
      this.pulses++;
      this.wake = onWake;
      const timer = setInterval(onBeat, 5);
      return () => {
        this.pulses--;
        clearInterval(timer);
      };
    };
    const connect = resumableUplink({
      addressOf: (channel, query) => `${server().url}/publish/${channel}?${new URLSearchParams(query)}`,
      isReachable: async () => this.isReachable,
      openKeep: async () => ({ spill: this.spill }),
      startPulse,
      memory,
    });
    const report = {
      onReconnecting: (is: boolean) => void this.said.push(is ? "reconnecting" : "back"),
      onContainerWanted: () => void this.said.push("container wanted"),
      onNote: (text: string) => void this.said.push(text),
    };
    const target = { channel: "demo", key: "", mimeType: "video/webm" };
    this.#uplink = await connect(target, report, this.controller.signal);
  }

  begin(): void {
    this.uplink.beginContainer("video/webm");
  }

  send(text: string): void {
    this.#produced.push(Buffer.from(text));
    this.uplink.send(new Blob([text]));
  }

  delivered(): Promise<void> {
    return eventually("all is acknowledged", () => this.uplink.acknowledgedBytes === this.uplink.producedBytes);
  }

  saysSoon(what: string): Promise<void> {
    return eventually(`the page says ${what}`, () => this.said.includes(what));
  }
}

async function live(): Promise<Page> {
  const page = new Page();
  await page.connect();
  page.begin();
  page.send("first ");
  await page.delivered();
  return page;
}

describe("a broadcast", () => {
  test("arrives whole and in order, and ends when its archive is final", async () => {
    const page = await live();
    for (const part of ["a", "bb", "ccc"]) page.send(part);
    await expect(page.uplink.finish()).resolves.toEqual({ kind: "finished" });
    expect(server().newest).toMatchObject({ bytes: page.produced, restarts: [], isEnded: true });
    expect([page.pulses, page.spill.isClosed, page.ticket]).toEqual([0, true, undefined]);
    expect(server().queries[0]?.get("type")).toBe("video/webm");
  });

  test("goes out in messages that suit a slow line", async () => {
    const page = await live();
    page.send("x".repeat(100_000));
    await page.uplink.finish();
    expect(Math.max(...server().messages)).toBe(32 * 1024);
  });

  test("survives a broken connection: it sends on from where the server is, and says both", async () => {
    const page = await live();
    server().cut();
    await page.saysSoon("reconnecting");
    page.send("meanwhile ");
    expect(page.uplink.keptMs).toBeGreaterThanOrEqual(0);
    await page.saysSoon("back");
    page.send("after");
    await page.uplink.finish();
    expect(server().archives.map(({ bytes }) => String(bytes))).toEqual(["first meanwhile after"]);
    expect(server().queries[1]?.get("resume")).toBe("secret");
    expect(page.said).toEqual(["reconnecting", "back"]);
  });

  test.each([1001, 1011, 1012, 1013, 4429, 4503])("survives a close with %d", async (code) => {
    const page = await live();
    server().cut(code);
    await page.saysSoon("back");
    expect(page.said.some((each) => /no more connections|no room/.test(each))).toBe(code >= 4000);
    page.send("after");
    await page.uplink.finish();
    expect(server().archives.map(({ bytes }) => String(bytes))).toEqual(["first after"]);
  });

  test.each([4400, 4401, 4403, 4409, 4415])("is over with a close with %d, in words", async (code) => {
    const page = await live();
    server().cut(code);
    await expect(page.uplink.ended).resolves.toEqual({ kind: "lost", text: expect.stringMatching(/\w{4}.*\.$/) });
    expect([page.pulses, page.ticket, server().queries.length]).toEqual([0, undefined, 1]);
  });

  test("announces a new container where it begins, also when the connection breaks just there", async () => {
    const page = await live();
    page.begin();
    server().cut();
    await page.saysSoon("back");
    page.send("second");
    await page.uplink.finish();
    expect(String(server().newest.bytes)).toBe("first second");
    expect(server().newest.restarts).toContain(6);
    expect(new Set(server().newest.restarts)).toEqual(new Set([6]));
  });

  test("whose end was not answered asks again", async () => {
    const page = await live();
    server().isSilent = true;
    const ended = page.uplink.finish();
    await eventually("the server has heard the end", () => server().newest.isEnded);
    server().isSilent = false;
    server().cut();
    await expect(ended).resolves.toEqual({ kind: "finished" });
  });

  test("retries for as long as it takes, and at once when the network is back", async () => {
    const page = await live();
    server().refusal = { code: 1013 };
    server().cut();
    await eventually("it has tried a few times", () => server().queries.length >= 4);
    server().refusal = undefined;
    page.wake();
    await page.saysSoon("back");
    page.uplink.abandon();
  });

  test("ends at once when the page is left, and lets the server know", async () => {
    const page = await live();
    page.uplink.abandon();
    await expect(page.uplink.ended).resolves.toEqual({ kind: "finished" });
    await eventually("the server has heard it", () => server().newest.isEnded);
    page.uplink.send(new Blob(["late"]));
    expect([page.uplink.producedBytes, page.ticket]).toEqual([6, undefined]);
  });

  test("that is left while the server is out of reach can be gone on with", async () => {
    const page = await live();
    server().refusal = { code: 1013 };
    server().cut();
    await page.saysSoon("reconnecting");
    page.uplink.abandon();
    expect(page.ticket).toMatchObject({ resume: "secret" });
    server().refusal = undefined;

    const next = new Page();
    next.ticket = page.ticket;
    await next.connect();
    next.begin();
    next.send("again");
    await next.uplink.finish();
    expect(server().archives.map(({ bytes, restarts }) => [String(bytes), restarts])).toEqual([["first again", [6]]]);
  });

  test("of another life of the page that the server does not know any more begins anew", async () => {
    const page = new Page();
    page.ticket = { channel: "demo", broadcast: "018f0000-0000-7000-8000-00000000000f", resume: "secret" };
    await page.connect();
    page.begin();
    page.send("first");
    await page.uplink.finish();
    expect(server().archives.map(({ bytes, restarts }) => [String(bytes), restarts])).toEqual([["first", []]]);
  });

  test("goes on as a new one when the server has ended it meanwhile", async () => {
    const page = await live();
    server().forget();
    await page.saysSoon("container wanted");
    page.send("of the old container, which is of no use any more");
    page.begin();
    page.send("second");
    await page.uplink.finish();
    expect(server().archives.map(({ bytes }) => String(bytes))).toEqual(["first ", "second"]);
    expect(page.said).toContainEqual(expect.stringMatching(/this is a new one/));
  });

  test("of which the server has nothing begins anew with all of it", async () => {
    const page = new Page();
    await page.connect();
    page.begin();
    server().isSilent = true;
    page.send("first ");
    await eventually("the server has it", () => server().newest.bytes.byteLength === 6);
    server().isSilent = false;
    server().forget();
    await page.saysSoon("back");
    page.send("second");
    await page.uplink.finish();
    expect(server().archives.map(({ bytes }) => String(bytes))).toEqual(["first ", "first second"]);
    expect(page.said).toEqual(["reconnecting", "back"]);
  });

  test("that is stopped cannot go on as a new one: it says what became of its end", async () => {
    const page = await live();
    server().refusal = { code: 1013 };
    server().cut();
    await page.saysSoon("reconnecting");
    page.send("rest");
    const ended = page.uplink.finish();
    server().refusal = undefined;
    server().forget();
    await expect(ended).resolves.toEqual({ kind: "lost", text: expect.stringMatching(/ended the broadcast while/) });
  });
});

describe("the server does not take a broadcast", () => {
  test.each([
    [4409, /channel demo is taken/],
    [4401, /key/],
    [4503, /no room/],
  ])("with %d: says why", async (code, words) => {
    server().refusal = { code, reason: "as the server says" };
    const page = new Page();
    await expect(page.connect()).rejects.toThrow(words);
    await expect(page.connect()).rejects.toThrow("as the server says");
    expect([page.pulses, page.spill.isClosed]).toEqual([0, true]);
  });

  test("because it cannot be reached: says so", async () => {
    const page = new Page();
    page.isReachable = false;
    const gone = server();
    const { url } = gone;
    await gone[Symbol.asyncDispose]();
    Object.defineProperty(gone, "url", { value: url });
    await expect(page.connect()).rejects.toThrow(/cannot be reached/);
    expect(page.pulses).toBe(0);
  });

  test("and nobody waits for it any more", async () => {
    server().isDeaf = true;
    const page = new Page();
    const connecting = page.connect();
    await eventually("it has connected", () => server().queries.length === 1);
    page.controller.abort();
    await expect(connecting).rejects.toThrow();
    expect(page.pulses).toBe(0);
  });
});

test("however often and wherever the connection breaks, the server has every byte once", async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 70_000 }) },
    { weight: 1, arbitrary: fc.constantFrom("cut", "close", "container", "pause") },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      server().archives.length = 0;
      const page = new Page();
      await page.connect();
      page.begin();
      for (const each of steps) {
        if (each === "cut") server().cut();
        else if (each === "close") server().cut(1012);
        else if (each === "container") page.begin();
        else if (each === "pause") await new Promise((resolve) => setTimeout(resolve, 3));
        else
          page.send(
            String(each)
              .repeat(Math.ceil(each / String(each).length))
              .slice(0, each),
          );
      }
      const end = await page.uplink.finish();
      expect(end).toEqual({ kind: "finished" });
      expect(server().archives).toHaveLength(1);
      expect(server().newest.bytes.equals(page.produced)).toBe(true);
    }),
    { numRuns: 25 },
  );
});
