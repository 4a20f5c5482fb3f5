import { make } from "./dom.ts";

const SAID_MS = 1_600;

/** A button that puts `text()` on the clipboard and says so on itself. */
export function copyButton(text: () => string, label: string): HTMLButtonElement {
  const button = make("button", { type: "button", class: "copy", "aria-label": `Copy ${label}` }, "Copy");
  button.addEventListener("click", () => {
    void copy(text()).then((copied) => {
      button.textContent = copied ? "Copied" : "Press Ctrl+C";
      setTimeout(() => {
        button.textContent = "Copy";
      }, SAID_MS);
    });
  });
  return button;
}

/** One line with a name, an address or command that can be selected, and its copy button. */
export function copyLine(label: string, text: string): HTMLElement {
  const code = make("code", {}, text);
  return make(
    "div",
    { class: "copy-line" },
    make("span", { class: "copy-label" }, label),
    code,
    copyButton(() => text, label),
  );
}

/** The clipboard API exists only in secure contexts; elsewhere the old command still does it. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", { readonly: true, class: "visually-hidden" });
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}
