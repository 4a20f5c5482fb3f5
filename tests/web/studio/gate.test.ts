import { describe, expect, test } from "@jest/globals";
import { Gate, type TokenKeeper } from "../../../web/studio/gate.ts";
import type { Answer } from "../../../web/ui/api.ts";

const RIGHT = "right";

/** A server that wants a token, and a person who gives these one after the other. */
function scene(given: (string | undefined)[], stored?: string) {
  let token = stored;
  const asked: boolean[] = [];
  const changes: boolean[] = [];
  const keeper: TokenKeeper = {
    read: () => token,
    write: (value) => {
      token = value;
    },
    ask: async (wasWrong) => {
      asked.push(wasWrong);
      return given.shift();
    },
  };
  const gate = new Gate(keeper, (isOpen) => void changes.push(isOpen));
  const request = async (shown: string | undefined): Promise<Answer<string>> =>
    shown === RIGHT ? { kind: "ok", value: "in" } : { kind: "refused", status: 401, text: "no" };
  return { gate, request, asked, changes, stored: () => token };
}

describe("the operator's token", () => {
  test("is asked for once, however many requests wait for it", async () => {
    const { gate, request, asked, stored } = scene([RIGHT]);
    const answers = await Promise.all([1, 2, 3].map(() => gate.pass(request)));
    expect(answers.map(({ kind }) => kind)).toEqual(["ok", "ok", "ok"]);
    expect(asked).toEqual([false]);
    expect(stored()).toBe(RIGHT);
  });

  test("is asked for again when it was wrong", async () => {
    const { gate, request, asked } = scene(["wrong", RIGHT], "old");
    expect(await gate.pass(request)).toMatchObject({ kind: "ok" });
    expect(asked).toEqual([true, true]);
  });

  test("is not asked for again when the person does not give it, until they want to", async () => {
    const { gate, request, asked, changes, stored } = scene([undefined, RIGHT]);
    expect(await gate.pass(request)).toMatchObject({ kind: "refused", status: 401 });
    expect(await gate.pass(request)).toMatchObject({ kind: "refused", status: 401 });
    expect([asked.length, stored()]).toEqual([1, undefined]);
    gate.open();
    expect(await gate.pass(request)).toMatchObject({ kind: "ok" });
    expect(changes).toEqual([false, true]);
  });

  test("is not asked for because of other refusals", async () => {
    const { gate, asked } = scene([]);
    const answer: Answer<never> = { kind: "refused", status: 409, text: "taken" };
    expect(await gate.pass(async () => answer)).toBe(answer);
    expect(asked).toEqual([]);
  });
});
