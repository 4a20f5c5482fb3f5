import { channelAddresses } from "../ui/addresses.ts";
import { copyLine } from "../ui/copy.ts";
import { askInDialog } from "../ui/dialog.ts";
import { find, setText } from "../ui/dom.ts";
import { formatWhen } from "../ui/format.ts";
import { onClick } from "./on-click.ts";
import { onSubmit } from "./on-submit.ts";
import { tellTrouble } from "./stop-broadcast.ts";
import type { Studio } from "./studio.ts";
import { troubleOf } from "./trouble.ts";
import type { WatchTokens } from "./watch-tokens.ts";

/** Makes links for guests, the page and the addresses for other players, and withdraws them. */
export function makeLinks({ api }: Pick<Studio, "api">, channel: string, tokens: Pick<WatchTokens, "forget">): void {
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
  const withdraw = async () => {
    const sure = await askInDialog({
      title: `Withdraw all links of ${channel}?`,
      text: "Whoever has one can watch neither the channel nor its recordings with it any more, and who watches with one now is let go, where the channel is watched by link only.",
      action: "Withdraw all links",
      isDangerous: true,
    });
    if (sure === undefined) return;
    const answer = await api.withdrawLinks(channel);
    await tellTrouble(troubleOf(answer));
    if (answer.kind !== "ok") return;
    // Our own among them.
    tokens.forget(channel);
    made.replaceChildren();
    setText(find(".form-words", HTMLElement, form), "Withdrawn.");
  };
  onClick(find("#withdraw-links", HTMLButtonElement), withdraw);
}
