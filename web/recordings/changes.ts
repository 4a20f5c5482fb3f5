import type { Recording } from "../../server/protocol/api.ts";
import { type Answer, deleteRecording, renameRecording } from "../ui/api.ts";
import { askInDialog } from "../ui/dialog.ts";
import { formatWhen } from "../ui/format.ts";
import { asOperator } from "../ui/operator.ts";
import { nameOf } from "./words.ts";

const MAX_TITLE = 200;

/** Asks for a new name and gives it. Undefined when the viewer called it off. */
export async function rename(recording: Recording): Promise<Answer<Recording> | undefined> {
  const field = { label: "Name", type: "text", value: recording.title ?? "", maxLength: MAX_TITLE } as const;
  const text = `Without a name it is called by its channel, ${recording.channel}.`;
  const written = await askInDialog({ title: "Name this recording", text, action: "Save", field });
  if (written === undefined) return undefined;
  const title = written.trim();
  return asOperator((token) => renameRecording(recording.id, title === "" ? null : title, token));
}

/** Asks whether it shall really be deleted, and deletes it. Undefined when the viewer called it off. */
export async function remove(recording: Recording): Promise<Answer<undefined> | undefined> {
  const what = recording.clipOf === undefined ? "recording" : "clip";
  const words = `“${nameOf(recording)}” of ${formatWhen(recording.startedAt)} will be gone with all of its files.`;
  const rest =
    what === "clip" ? " The recording that it was cut out of stays." : " Clips that were cut out of it stay.";
  const question = { title: `Delete this ${what}?`, text: words + rest, action: "Delete", isDangerous: true };
  if ((await askInDialog(question)) === undefined) return undefined;
  return asOperator((token) => deleteRecording(recording.id, token));
}

/** Tells the viewer that something could not be done, and why. */
export async function tellTrouble(answer: Answer<unknown>): Promise<void> {
  const text = troubleOf(answer);
  if (text !== undefined) await askInDialog({ title: "That did not work", text, action: "OK", isNotice: true });
}

/** What to tell of an answer that is no success. */
export function troubleOf(answer: Answer<unknown>): string | undefined {
  if (answer.kind === "ok") return undefined;
  if (answer.kind === "unreachable") return "The server cannot be reached.";
  return `The server says: ${answer.text}.`;
}
