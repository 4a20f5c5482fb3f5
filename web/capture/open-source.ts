import { openCamera, openScreen } from "./devices.ts";
import type { PictureChoice } from "./settings-form.ts";
import type { CaptureSource } from "./source.ts";
import { openTestCard } from "./test-card.ts";

/** Opens the picture that was chosen; rejects with a `CaptureFailure` in words. */
export function openSource(choice: PictureChoice): Promise<CaptureSource> {
  if (choice.source === "testcard") return openTestCard(choice);
  return choice.source === "screen" ? openScreen(choice) : openCamera(choice);
}
