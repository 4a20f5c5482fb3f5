import { make } from "./dom.ts";

/** A field that a dialog asks for. */
export interface DialogField {
  readonly label: string;
  readonly type: "text" | "password";
  readonly value?: string;
  readonly maxLength?: number;
  readonly isRequired?: boolean;
  /** A regular expression for the whole of it. */
  readonly pattern?: string;
}

/** A question to the viewer, over the page. */
export interface Question {
  readonly title: string;
  readonly text?: string;
  /** What the button that goes on says. */
  readonly action: string;
  /** What it does cannot be undone. */
  readonly isDangerous?: boolean;
  readonly field?: DialogField;
  /** There is nothing to decide: it only tells. */
  readonly isNotice?: boolean;
}

/** Asks, and resolves with what was written ("" without a field), or with undefined when it was called off. */
export function askInDialog(question: Question): Promise<string | undefined> {
  const { title, text, action, isDangerous = false, isNotice = false, field } = question;
  const input = field && inputOf(field);
  const goOn = make("button", { type: "submit", class: isDangerous ? "danger" : "primary" }, action);
  const cancel = make("button", { type: "button" }, "Cancel");
  const form = make(
    "form",
    { method: "dialog" },
    make("h2", { id: "dialog-title" }, title),
    ...(text === undefined ? [] : [make("p", {}, text)]),
    ...(field === undefined || input === undefined ? [] : [make("label", {}, field.label, input)]),
    make("p", { class: "links" }, goOn, ...(isNotice ? [] : [cancel])),
  );
  const dialog = make("dialog", { class: "dialog", "aria-labelledby": "dialog-title" }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let answer: string | undefined;
    form.addEventListener("submit", () => {
      answer = input?.value ?? "";
    });
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    dialog.showModal();
    // What cannot be undone is not what Enter does at once.
    if (input === undefined) (isDangerous ? cancel : goOn).focus();
    else input.select();
  });
}

function inputOf({ type, value = "", maxLength, isRequired = false, pattern }: DialogField): HTMLInputElement {
  const limits = {
    ...(maxLength === undefined ? {} : { maxlength: String(maxLength) }),
    ...(pattern === undefined ? {} : { pattern }),
  };
  return make("input", { type, value, required: isRequired, autocomplete: "off", ...limits });
}
