/** Does `work` when a button is pressed; until it is done the button says that it is busy, and is not pressed twice. */
export function onClick(button: HTMLButtonElement, work: () => Promise<void>): void {
  const run = async () => {
    // Not `disabled`: that would take the focus away.
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    await work();
    button.ariaBusy = null;
  };
  button.addEventListener("click", () => void run());
}
