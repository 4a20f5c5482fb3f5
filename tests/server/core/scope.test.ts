import { expect, test } from "@jest/globals";
import { Scope } from "../../../server/core/scope.ts";

test("closing aborts the signal first, then cleans up newest first", async () => {
  const scope = new Scope();
  const order: string[] = [];
  scope.signal.addEventListener("abort", () => order.push("abort"));
  scope.defer(() => order.push("first"));
  scope.defer(async () => {
    await Promise.resolve();
    order.push("second");
  });
  await scope.close(new Error("enough"));
  expect(order).toEqual(["abort", "second", "first"]);
  expect(scope.signal.reason).toEqual(new Error("enough"));
});

test("closing twice waits for the same shutdown and cleans up once", async () => {
  const scope = new Scope();
  let cleanups = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  scope.defer(async () => {
    cleanups++;
    await released;
  });
  const first = scope.close();
  const second = scope[Symbol.asyncDispose]();
  release();
  await Promise.all([first, second]);
  expect(cleanups).toBe(1);
});

test("a resource that it uses is disposed of", async () => {
  const scope = new Scope();
  let gone = false;
  const resource = {
    [Symbol.asyncDispose]: async () => {
      gone = true;
    },
  };
  expect(scope.use(resource)).toBe(resource);
  await scope.close();
  expect(gone).toBe(true);
});

test("a cleanup that fails keeps none of the others from running, and is told", async () => {
  const scope = new Scope();
  let ran = false;
  scope.defer(() => {
    ran = true;
  });
  scope.defer(() => Promise.reject(new Error("one")));
  scope.defer(() => {
    throw new Error("two");
  });
  const failure = await scope.close().catch((error: unknown) => error);
  expect(ran).toBe(true);
  expect((failure as AggregateError).errors).toEqual([new Error("two"), new Error("one")]);
});

test("a closed scope takes nothing on", async () => {
  const scope = new Scope();
  await scope.close(new Error("closed"));
  expect(() => scope.defer(() => {})).toThrow("closed");
  expect(() => scope.use({ [Symbol.asyncDispose]: async () => {} })).toThrow("closed");
});
