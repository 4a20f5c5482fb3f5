import { type DeviceRequest, openCamera, openScreen } from "./devices.ts";
import type { SourceKind } from "./settings.ts";
import type { CaptureSource } from "./source.ts";
import { openTestCard } from "./test-card.ts";

/** Opens the picture that was chosen; rejects with a `CaptureFailure` in words. */
export function openSource(kind: SourceKind, request: DeviceRequest): Promise<CaptureSource> {
  if (kind === "testcard") return openTestCard(request);
  return kind === "screen" ? openScreen(request) : openCamera(request);
}
