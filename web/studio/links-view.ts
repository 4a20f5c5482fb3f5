import { channelAddresses } from "../ui/addresses.ts";
import { copyLine } from "../ui/copy.ts";
import { find } from "../ui/dom.ts";
import { formatWhen } from "../ui/format.ts";
import { onSubmit } from "./on-submit.ts";
import type { Studio } from "./studio.ts";

/** Makes links for guests: the page, and the addresses for other players. */
export function makeLinks({ api }: Pick<Studio, "api">, channel: string): void {
  const form = find("#new-link", HTMLFormElement);
  const expires = find("select", HTMLSelectElement, form);
  const made = find("#made-links", HTMLElement);
  const add = async () => {
    const answer = await api.makeLink(channel, Number(expires.value));
    if (answer.kind !== "ok") return answer;
    const { token, expiresAt } = answer.value;
    const { watch, hls } = channelAddresses(location, channel, token);
    made.prepend(copyLine(`Page, until ${formatWhen(expiresAt)}`, watch), copyLine("The same for HLS players", hls));
    return answer;
  };
  onSubmit(form, add, "Made: copy it below.");
}
