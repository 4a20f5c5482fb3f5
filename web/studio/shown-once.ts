import { copyLine } from "../ui/copy.ts";
import { make } from "../ui/dom.ts";

/** Something secret that the server does not tell again, to be copied now. It takes the focus, so that nobody misses it. */
export function shownOnce(what: string, lines: readonly (readonly [label: string, text: string])[]): HTMLElement {
  const done = make("button", { type: "button" }, "I have copied it");
  const box = make(
    "div",
    { class: "shown-once", role: "group", tabindex: "-1", "aria-label": `${what}: shown only now` },
    make("p", {}, make("strong", {}, `${what}. `), "It is shown only now: copy it."),
    ...lines.map(([label, text]) => copyLine(label, text)),
    make("p", { class: "links" }, done),
  );
  done.addEventListener("click", () => box.remove());
  requestAnimationFrame(() => box.focus());
  return box;
}
