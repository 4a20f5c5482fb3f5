import type { LiveBroadcast } from "../../server/protocol/api.ts";
import { askInDialog } from "../ui/dialog.ts";
import type { StudioApi } from "./studio-api.ts";
import { troubleOf } from "./trouble.ts";

/** Asks whether a broadcast shall really be stopped, and stops it. */
export async function stopBroadcast(api: StudioApi, { id, channel }: LiveBroadcast): Promise<void> {
  const sure = await askInDialog({
    title: `Stop ${channel}?`,
    text: "Its viewers are told the end, and its publisher not to come back. What was recorded stays.",
    action: "Stop the broadcast",
    isDangerous: true,
  });
  if (sure !== undefined) await tellTrouble(troubleOf(await api.stop(id)));
}

/** Says that something did not work, if there is anything to say. */
export async function tellTrouble(text: string | undefined): Promise<void> {
  if (text !== undefined) await askInDialog({ title: "That did not work", text, action: "OK", isNotice: true });
}
