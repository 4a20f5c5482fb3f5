import type { ServerSetup } from "../../server/protocol/server.ts";
import type { Answer } from "../ui/api.ts";
import { find, setText } from "../ui/dom.ts";
import { operatorToken } from "../ui/operator.ts";
import { pause, poll } from "../ui/poll.ts";
import { Gate } from "./gate.ts";
import { type StudioApi, studioApi } from "./studio-api.ts";
import { troubleOf } from "./trouble.ts";

const POLL_MS = 2_000;
/** Nobody looks. */
const HIDDEN_POLL_MS = 10_000;
const RETRY_MS = 2_000;

/** What both views of the studio work with. */
export interface Studio {
  readonly api: StudioApi;
  readonly setup: ServerSetup;
  readonly view: HTMLElement;
  readonly token: () => string | undefined;
  /** Aborts when the page is left. */
  readonly signal: AbortSignal;
  /** Says on top of the page when the server cannot be asked. */
  readonly tell: (answers: readonly Answer<unknown>[]) => void;
}

/** A view that is shown: `refresh` brings its figures up to date. */
export interface View {
  readonly refresh: () => Promise<void>;
}

/** Asks for the operator's token where that is needed, then shows the view and keeps it up to date. */
export async function startStudio(signal: AbortSignal, open: (studio: Studio) => View): Promise<void> {
  const signedOut = find("#signed-out", HTMLElement);
  const view = find("#view", HTMLElement);
  const gate = new Gate(operatorToken, (isOpen) => {
    signedOut.hidden = isOpen;
    view.hidden = !isOpen;
  });
  find("#sign-in", HTMLButtonElement).addEventListener("click", () => gate.open());
  const api = studioApi((request) => gate.pass(request), signal);
  const tell = (answers: readonly Answer<unknown>[]) => showTrouble(signedOut.hidden ? answers : []);
  const setup = await ask(api.setup, tell, signal);
  if (setup === undefined) return;
  const { refresh } = open({ api, setup, view, token: () => gate.token, signal, tell });
  const round = async () => {
    await refresh();
    if (document.hidden) await pause(HIDDEN_POLL_MS - POLL_MS, signal);
  };
  await poll(round, POLL_MS, signal);
}

/** A copy of one of the page's templates, put into `place`. */
export function fromTemplate(name: string, place: HTMLElement): void {
  place.replaceChildren(find(`#${name}`, HTMLTemplateElement).content.cloneNode(true));
}

async function ask<T>(
  question: () => Promise<Answer<T>>,
  tell: (answers: readonly Answer<unknown>[]) => void,
  signal: AbortSignal,
): Promise<T | undefined> {
  while (!signal.aborted) {
    const answer = await question();
    tell([answer]);
    if (answer.kind === "ok") return answer.value;
    await pause(RETRY_MS, signal);
  }
  return undefined;
}

function showTrouble(answers: readonly Answer<unknown>[]): void {
  const words = answers.map(troubleOf).find((text) => text !== undefined);
  const status = find("#status", HTMLElement);
  setText(status, words ?? "");
  status.hidden = words === undefined;
}
