import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";
import {
  CHAT_SUBPROTOCOL,
  type ChatClientMessage,
  type ChatServerMessage,
  chatServerMessage,
} from "../../server/protocol/chat.ts";
import { eventually } from "./eventually.ts";

type Heard<T extends ChatServerMessage["type"]> = Extract<ChatServerMessage, { type: T }>;

/** Somebody in the chat who remembers everything that is heard. */
export class Chatter {
  readonly socket: WebSocket;
  readonly ended: Promise<{ readonly code: number; readonly reason: string }>;
  readonly heard: ChatServerMessage[] = [];

  /** Resolves when the server has let it in, and with a name when that is given; `path` may hold a token. */
  static async join(url: string, path: string, name?: string, options: ClientOptions = {}): Promise<Chatter> {
    const chatter = await Chatter.connect(url, path, options);
    await chatter.hears("welcome");
    if (name !== undefined) {
      chatter.say({ type: "name", name });
      await chatter.hears("named");
    }
    return chatter;
  }

  /** Resolves when the socket is open; rejects when it is refused before. */
  static async connect(url: string, path: string, options: ClientOptions = {}): Promise<Chatter> {
    const chatter = new Chatter(
      new WebSocket(`${url.replace("http", "ws")}/live/${path}/chat`, CHAT_SUBPROTOCOL, options),
    );
    await once(chatter.socket, "open");
    return chatter;
  }

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => this.heard.push(chatServerMessage.parse(JSON.parse(String(data)))));
    this.ended = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  say(message: ChatClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  writes(text: string): void {
    this.say({ type: "say", text });
  }

  all<T extends ChatServerMessage["type"]>(type: T): Heard<T>[] {
    return this.heard.filter((message): message is Heard<T> => message.type === type);
  }

  /** Texts of the lines that came since it is there. */
  get lines(): string[] {
    return this.all("line").map(({ text }) => text);
  }

  /** Waits until so many messages of a type have come, and gives the newest. */
  async hears<T extends ChatServerMessage["type"]>(type: T, count = 1): Promise<Heard<T>> {
    await eventually(`“${type}” is heard ${count} times`, () => this.all(type).length >= count);
    const newest = this.all(type).at(-1);
    if (newest === undefined) throw new Error("cannot be");
    return newest;
  }

  /** Does something and gives the answer of this type to it. */
  async asks<T extends ChatServerMessage["type"]>(message: ChatClientMessage, type: T): Promise<Heard<T>> {
    const before = this.all(type).length;
    this.say(message);
    return this.hears(type, before + 1);
  }

  async leave(): Promise<void> {
    this.socket.close(1000);
    await this.ended;
  }
}
