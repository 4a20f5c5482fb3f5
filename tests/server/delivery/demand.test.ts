import { EventEmitter } from "node:events";
import { expect, test } from "@jest/globals";
import { type Demand, summon } from "../../../server/delivery/demand.ts";
import { ViewerLeft } from "../../../server/delivery/hold.ts";
import { LiveStore } from "../../../server/packaging/live-store.ts";
import { eventually } from "../../helpers/eventually.ts";

/** A viewer over HTTP whose connection a test can close. */
class Request extends EventEmitter {
  readonly destroyed = false;
}

/** A channel that is as the test says. */
function wish(answer: { wanted: ReturnType<Demand["want"]> }) {
  let asked = 0;
  const demand: Demand = {
    want: () => {
      asked++;
      return answer.wanted;
    },
    touch: () => {},
  };
  const request = new Request();
  return { asked: () => asked, request, wish: { store: new LiveStore(), demand, channel: "film", request } };
}

test("a channel of somebody else, or none, is not waited for", async () => {
  const { wish: it, asked } = wish({ wanted: undefined });
  await summon(it);
  expect(asked()).toBe(1);
});

test("what was coming and cannot come is waited for no longer", async () => {
  const answer: { wanted: ReturnType<Demand["want"]> } = { wanted: "coming" };
  const { wish: it, asked, request } = wish(answer);
  const summoned = summon(it);
  await eventually("it has been asked again", () => asked() > 2);
  answer.wanted = undefined;
  await summoned;
  expect(request.listenerCount("close")).toBe(0);
});

test("a viewer that leaves is not waited with", async () => {
  const { wish: it, asked, request } = wish({ wanted: "coming" });
  const summoned = summon(it);
  await eventually("it has been asked again", () => asked() > 2);
  request.emit("close");
  await expect(summoned).rejects.toBeInstanceOf(ViewerLeft);
});
