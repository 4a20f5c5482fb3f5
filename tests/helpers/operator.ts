/** The API of a running server, as its operator. */
export class Operator {
  readonly #url: string;
  readonly #token: string | undefined;

  constructor(url: string, token?: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Asks `/api/v1` + `path`; the body is undefined when there is none. */
  async ask(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const headers = {
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${this.#url}/api/v1${path}`, { method, headers, ...payload });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }
}
