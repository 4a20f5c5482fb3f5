import type { PublisherState, PublisherStatus } from "../../capture/broadcast-end.ts";
import { CaptureView } from "../../capture/capture-view.ts";
import { formatFor } from "../../capture/formats.ts";
import { openSource } from "../../capture/open-source.ts";
import { startPagePulse } from "../../capture/page-pulse.ts";
import { Preview } from "../../capture/preview.ts";
import { Publisher } from "../../capture/publisher.ts";
import { startRecorder } from "../../capture/recorder.ts";
import { resumableUplink } from "../../capture/resumable-uplink.ts";
import { CaptureSession } from "../../capture/session.ts";
import { channelProblem, parseSettings } from "../../capture/settings.ts";
import { type FormFreedom, SettingsForm } from "../../capture/settings-form.ts";
import { openSpill } from "../../capture/spill.ts";
import { TabMemory } from "../../capture/unfinished.ts";
import { listChannels } from "../../ui/api.ts";
import { find } from "../../ui/dom.ts";

const FIGURES_MS = 250;
const FREEDOM: Readonly<Partial<Record<PublisherState, FormFreedom>>> = {
  connecting: "none",
  live: "picture",
  reconnecting: "picture",
};

const asked = parseSettings(new URLSearchParams(location.search));
const form = new SettingsForm(find("#settings", HTMLFormElement), asked);
const preview = new Preview(find("#preview", HTMLVideoElement));
const view = new CaptureView();
const onStatus = (status: PublisherStatus) => {
  form.freedom = FREEDOM[status.state] ?? "all";
  view.showStatus(status, form.settings.channel);
  view.showFigures(publisher.figures);
};

const publisher = new Publisher({
  connect: resumableUplink({
    addressOf: CaptureView.socketAddress,
    isReachable: async () => (await listChannels()).kind !== "unreachable",
    openKeep: async () => ({ spill: await openSpill() }),
    startPulse: startPagePulse,
    memory: new TabMemory(),
  }),
  record: startRecorder,
  formatFor,
  onStatus,
  onNote: (text) => view.addNote(text),
});
const onNotes = (notes: readonly string[]) => view.showNotes(notes);
const session = new CaptureSession({ form, preview, publisher, open: openSource, onStatus, onNotes });

find("#start", HTMLButtonElement).addEventListener("click", () => void session.start());
find("#stop", HTMLButtonElement).addEventListener("click", () => session.stop());
find("#show-preview", HTMLButtonElement).addEventListener("click", () => void session.showPreview());
find("#settings", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
form.onPictureChange(() => void (session.isBusy ? session.changePicture() : previewIfFree()));
form.onBitRateChange(() => publisher.setBitRate(form.settings.kbps));
find("#settings", HTMLFormElement).addEventListener("input", showShare);
navigator.mediaDevices?.addEventListener("devicechange", () => void form.refreshDevices());
// Leaving the page ends the broadcast: nothing may wait here, the page is already going.
addEventListener("pagehide", () => session.leave());
setInterval(() => view.showFigures(publisher.figures), FIGURES_MS);

showShare();
void form.refreshDevices();
if (asked.autostart) void session.start();
else void previewIfFree();

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
