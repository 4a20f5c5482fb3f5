import type { Answer } from "../ui/api.ts";

const UNAUTHORIZED = 401;

/** Where the operator's token is kept, and who is asked for it. */
export interface TokenKeeper {
  read(): string | undefined;
  write(token: string | undefined): void;
  /** Asks the person; undefined when they do not give it. */
  ask(wasWrong: boolean): Promise<string | undefined>;
}

/**
 * Lets requests through with the operator's token. Where the server wants one, the person is asked once, however many
 * requests wait for it; if they do not give it, nobody is asked again until {@link Gate.open}.
 */
export class Gate {
  readonly #keeper: TokenKeeper;
  readonly #onChange: (isOpen: boolean) => void;
  #isOpen = true;
  #asking: Promise<boolean> | undefined;

  /** `onChange` is told when the person did not give the token, and when they did after all. */
  constructor(keeper: TokenKeeper, onChange: (isOpen: boolean) => void) {
    this.#keeper = keeper;
    this.#onChange = onChange;
  }

  get token(): string | undefined {
    return this.#keeper.read();
  }

  /** Does the request, and does it again when a token was asked for. */
  async pass<T>(request: (token: string | undefined) => Promise<Answer<T>>): Promise<Answer<T>> {
    for (;;) {
      const shown = this.#keeper.read();
      const answer = await request(shown);
      if (!isRefusal(answer) || !this.#isOpen) return answer;
      // Meanwhile another request may have found out, and asked.
      if (this.#keeper.read() === shown && !(await this.#askOnce(shown !== undefined))) return answer;
    }
  }

  /** The person wants to be asked again. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#onChange(true);
  }

  #askOnce(wasWrong: boolean): Promise<boolean> {
    this.#asking ??= this.#ask(wasWrong).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(wasWrong: boolean): Promise<boolean> {
    this.#keeper.write(undefined);
    const given = await this.#keeper.ask(wasWrong);
    this.#keeper.write(given);
    if (given !== undefined) return true;
    this.#isOpen = false;
    this.#onChange(false);
    return false;
  }
}

function isRefusal(answer: Answer<unknown>): boolean {
  return answer.kind === "refused" && answer.status === UNAUTHORIZED;
}
