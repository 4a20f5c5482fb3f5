import type { Answer } from "./api.ts";
import { askInDialog } from "./dialog.ts";

/** In this tab only: whoever uses the browser after that has to know it. */
const STORED_AS = "millrace-admin-token";
const UNAUTHORIZED = 401;

/** The operator's token, as long as the tab is open, and the question for it. */
export const operatorToken = {
  read: (): string | undefined => sessionStorage.getItem(STORED_AS) ?? undefined,

  write(token: string | undefined): void {
    if (token === undefined) sessionStorage.removeItem(STORED_AS);
    else sessionStorage.setItem(STORED_AS, token);
  },

  /** Undefined when the viewer does not give it. */
  ask: (wasWrong: boolean): Promise<string | undefined> =>
    askInDialog({
      title: "Only the operator can do this",
      text: wasWrong ? "That was not the admin token." : "The server wants its admin token.",
      action: "Go on",
      field: { label: "Admin token", type: "password", isRequired: true },
    }),
} as const;

/**
 * Does what only the operator may: where the server asks for the admin token, the page asks the viewer for it, and keeps
 * it as long as the tab is open. Undefined when the viewer does not give it.
 */
export async function asOperator<T>(
  request: (token: string | undefined) => Promise<Answer<T>>,
): Promise<Answer<T> | undefined> {
  let token = operatorToken.read();
  let isFirst = true;
  for (;;) {
    const answer = await request(token);
    if (answer.kind !== "refused" || answer.status !== UNAUTHORIZED) {
      if (token !== undefined) operatorToken.write(token);
      return answer;
    }
    operatorToken.write(undefined);
    token = await operatorToken.ask(token !== undefined && !isFirst);
    if (token === undefined) return undefined;
    isFirst = false;
  }
}
