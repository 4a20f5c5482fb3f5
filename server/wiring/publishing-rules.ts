import type { BroadcastRegistry } from "../broadcast/registry.ts";
import { type Grant, type PublishRule, permitToPublish } from "../control/permission/publish-permission.ts";
import type { DiskFloor } from "../core/disk.ts";
import type { Attachment, Permit, Publisher, Publishing, ResumeRequest } from "../ingest/publishing.ts";

/** More broadcasts than can be live at once: the oldest grants are those of broadcasts that are over. */
const GRANTS_KEPT = 20_000;

/** What decides who may publish. */
export interface PublishingRulesOptions {
  readonly registry: BroadcastRegistry;
  readonly floor: DiskFloor;
  readonly rule: PublishRule;
  /** Whether a channel's broadcasts are kept, where the publisher's own grant says nothing. */
  readonly isKept: (channel: string) => boolean | undefined;
}

/** Lets publishers in, and knows what each was let in with. */
export class PublishingRules implements Publishing {
  readonly #options: PublishingRulesOptions;
  /** By the broadcast's id, oldest first. */
  readonly #grants = new Map<string, Grant>();

  constructor(options: PublishingRulesOptions) {
    this.#options = options;
  }

  async admit(who: Publisher): Promise<Permit> {
    const { registry, floor, rule } = this.#options;
    const grant = await permitToPublish(rule, who);
    await floor.check();
    await registry.check(who.channel);
    return {
      publish: (scanner) => {
        const publication = registry.publish(who.channel, { scanner, isKept: this.#isKept(who.channel, grant) });
        this.#remember(publication.id, grant);
        return publication;
      },
    };
  }

  async begin(who: Publisher): Promise<Attachment> {
    const { registry, floor, rule } = this.#options;
    const grant = await permitToPublish(rule, who);
    await floor.check();
    const attachment = await registry.begin(who.channel, { isKept: this.#isKept(who.channel, grant) });
    this.#remember(attachment.broadcast, grant);
    return attachment;
  }

  /** Asked again: a key may have been revoked in the meantime. */
  async resume(who: Publisher, { broadcast, token }: ResumeRequest): Promise<Attachment> {
    const grant = await permitToPublish(this.#options.rule, who);
    const attachment = await this.#options.registry.resume(who.channel, broadcast, token);
    this.#remember(broadcast, grant);
    return attachment;
  }

  /** What a broadcast's publisher was let in with; nothing for a source that the server itself opens. */
  grantOf(broadcast: string): Grant {
    return this.#grants.get(broadcast) ?? {};
  }

  /** Ends the broadcast that is published with this key, if there is one. */
  async revoked(keyId: string): Promise<void> {
    for (const [broadcast, grant] of this.#grants) {
      if (grant.keyId === keyId) await this.#options.registry.stop(broadcast, "the key was revoked");
    }
  }

  #isKept(channel: string, grant: Grant): boolean | undefined {
    return grant.record ?? this.#options.isKept(channel);
  }

  #remember(broadcast: string, grant: Grant): void {
    this.#grants.delete(broadcast);
    this.#grants.set(broadcast, grant);
    const [oldest] = this.#grants.keys();
    if (this.#grants.size > GRANTS_KEPT && oldest !== undefined) this.#grants.delete(oldest);
  }
}
