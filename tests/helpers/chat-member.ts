import { once } from "node:events";
import { WebSocket, WebSocketServer } from "ws";
import { Addresses } from "../../server/chat/addresses.ts";
import { Member } from "../../server/chat/member.ts";
import { Secret } from "../../server/core/secret.ts";
import { type ChatServerMessage, chatServerMessage } from "../../server/protocol/chat.ts";
import { portOf } from "./listening.ts";

/** A member at the server's end of a real socket, and who is at the other end. */
export interface ConnectedMember {
  readonly member: Member;
  readonly socket: WebSocket;
  readonly client: WebSocket;
  /** What the client was told. */
  readonly heard: ChatServerMessage[];
}

/** Makes members on real sockets, one after the other. */
export class MemberServer implements AsyncDisposable {
  readonly #server: WebSocketServer;
  readonly #url: string;
  readonly #addresses = new Addresses(new Secret("x"), []);

  static async start(): Promise<MemberServer> {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
    return new MemberServer(server);
  }

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.#url = `ws://127.0.0.1:${portOf(server)}`;
  }

  async connect(name: string): Promise<ConnectedMember> {
    const connected = once(this.#server, "connection");
    const client = new WebSocket(this.#url);
    const heard: ChatServerMessage[] = [];
    client.on("message", (data) => heard.push(chatServerMessage.parse(JSON.parse(String(data)))));
    const [[socket]] = await Promise.all([connected, once(client, "open")]);
    if (!(socket instanceof WebSocket)) throw new Error("no socket");
    const member = new Member(socket, this.#addresses.caller("203.0.113.1"));
    member.name = name;
    return { member, socket, client, heard };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
