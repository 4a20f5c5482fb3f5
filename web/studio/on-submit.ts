import type { Answer } from "../ui/api.ts";
import { find, setText } from "../ui/dom.ts";
import { troubleOf } from "./trouble.ts";

/** Does `work` when a form is sent, and says beside its button what became of it; nothing is sent twice meanwhile. */
export function onSubmit(
  form: HTMLFormElement,
  work: () => Promise<Answer<unknown>>,
  doneWords: string | (() => string),
): void {
  const words = find(".form-words", HTMLElement, form);
  let isBusy = false;
  const run = async () => {
    if (isBusy) return;
    isBusy = true;
    setText(words, "…");
    const answer = await work();
    setText(words, troubleOf(answer) ?? (typeof doneWords === "string" ? doneWords : doneWords()));
    words.classList.toggle("trouble", answer.kind !== "ok");
    isBusy = false;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run();
  });
  form.addEventListener("input", () => setText(words, ""));
}
