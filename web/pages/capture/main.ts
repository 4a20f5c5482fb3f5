import type { PublisherStatus } from "../../capture/broadcast-end.ts";
import { CaptureView } from "../../capture/capture-view.ts";
import type { ChannelCheck } from "../../capture/failures.ts";
import { plainUplink } from "../../capture/plain-uplink.ts";
import { Preview } from "../../capture/preview.ts";
import { Publisher } from "../../capture/publisher.ts";
import { startRecorder } from "../../capture/recorder.ts";
import { CaptureSession } from "../../capture/session.ts";
import { channelProblem, parseSettings } from "../../capture/settings.ts";
import { SettingsForm } from "../../capture/settings-form.ts";
import { getChannel } from "../../ui/api.ts";
import { find } from "../../ui/dom.ts";

const FIGURES_MS = 250;

const asked = parseSettings(new URLSearchParams(location.search));
const form = new SettingsForm(find("#settings", HTMLFormElement), asked);
const preview = new Preview(find("#preview", HTMLVideoElement));
const view = new CaptureView();
const onStatus = (status: PublisherStatus) => {
  view.showStatus(status, form.settings.channel);
  showFigures();
};

const publisher = new Publisher({
  connect: plainUplink({ addressOf: CaptureView.socketAddress, checkChannel }),
  record: startRecorder,
  onStatus,
});
const session = new CaptureSession({ form, preview, publisher, onStatus, onNotes: (notes) => view.showNotes(notes) });

find("#start", HTMLButtonElement).addEventListener("click", () => void session.start());
find("#stop", HTMLButtonElement).addEventListener("click", () => publisher.stop());
find("#show-preview", HTMLButtonElement).addEventListener("click", () => void session.showPreview());
find("#settings", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
form.onPictureChange(() => void previewIfFree());
find("#settings", HTMLFormElement).addEventListener("input", showShare);
navigator.mediaDevices?.addEventListener("devicechange", () => void form.refreshDevices());
// Leaving the page ends the broadcast: nothing may wait here, the page is already going.
addEventListener("pagehide", () => {
  publisher.abandon();
  preview.clear();
});
setInterval(showFigures, FIGURES_MS);

showShare();
void form.refreshDevices();
if (asked.autostart) void session.start();
else void previewIfFree();

function showFigures(): void {
  view.showFigures(publisher.figures, form.settings.kbps);
}

function showShare(): void {
  const { channel } = form.settings;
  if (channelProblem(channel) === undefined) view.showShare(channel);
}

/** Shows the picture at once where that asks the person for nothing. */
async function previewIfFree(): Promise<void> {
  const { source } = form.settings;
  const free =
    source === "testcard" || (source === "camera" && (preview.source !== undefined || (await cameraAllowed())));
  if (free) await session.showPreview();
  else preview.clear();
}

async function cameraAllowed(): Promise<boolean> {
  try {
    const { state } = await navigator.permissions.query({ name: "camera" });
    return state === "granted";
  } catch {
    return false;
  }
}

async function checkChannel(channel: string): Promise<ChannelCheck> {
  const answer = await getChannel(channel);
  if (answer.kind === "unreachable") return "unreachable";
  if (answer.kind === "refused") return "unknown";
  return answer.value.live ? "live" : "idle";
}
