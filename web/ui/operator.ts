import type { Answer } from "./api.ts";
import { askInDialog } from "./dialog.ts";

/** In this tab only: whoever uses the browser after that has to know it. */
const STORED_AS = "millrace-admin-token";
const UNAUTHORIZED = 401;

/**
 * Does what only the operator may: where the server asks for the admin token, the page asks the viewer for it, and keeps
 * it as long as the tab is open. Undefined when the viewer does not give it.
 */
export async function asOperator<T>(
  request: (token: string | undefined) => Promise<Answer<T>>,
): Promise<Answer<T> | undefined> {
  let token = sessionStorage.getItem(STORED_AS) ?? undefined;
  let isFirst = true;
  for (;;) {
    const answer = await request(token);
    if (answer.kind !== "refused" || answer.status !== UNAUTHORIZED) {
      if (token !== undefined) sessionStorage.setItem(STORED_AS, token);
      return answer;
    }
    sessionStorage.removeItem(STORED_AS);
    const wasWrong = token !== undefined && !isFirst;
    token = await askInDialog({
      title: "Only the operator can do this",
      text: wasWrong ? "That was not the admin token." : "The server wants its admin token.",
      action: "Go on",
      field: { label: "Admin token", type: "password", isRequired: true },
    });
    if (token === undefined) return undefined;
    isFirst = false;
  }
}
