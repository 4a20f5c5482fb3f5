import { find, make } from "../ui/dom.ts";
import { type DeviceRequest, listDevices } from "./devices.ts";
import { type CaptureSettings, DEFAULT_SETTINGS, type SourceKind } from "./settings.ts";

/** The picture that was chosen: where it comes from, and how it should be. */
export interface PictureChoice extends DeviceRequest {
  readonly source: SourceKind;
}

/** What of the form can be changed: all, nothing, or what a running broadcast can change. */
export type FormFreedom = "all" | "picture" | "none";

/** The form beside the preview. Its fields hold the truth; everything else asks it. */
export class SettingsForm {
  readonly #form: HTMLFormElement;

  constructor(form: HTMLFormElement, settings: CaptureSettings) {
    this.#form = form;
    this.#input("channel").value = settings.channel;
    this.#input("key").value = settings.key;
    this.#input("kbps").value = String(settings.kbps);
    this.choose({ ...settings, cameraId: "", microphoneId: "" });
    form.addEventListener("change", () => this.#markSource());
  }

  /** The settings as they are now. */
  get settings(): CaptureSettings & PictureChoice {
    const [width, height] = this.#select("size").value.split("x").map(Number);
    return {
      channel: this.#input("channel").value.trim(),
      key: this.#input("key").value.trim(),
      source: this.#source,
      width: width ?? DEFAULT_SETTINGS.width,
      height: height ?? DEFAULT_SETTINGS.height,
      fps: this.#input("fps").valueAsNumber || DEFAULT_SETTINGS.fps,
      kbps: this.#input("kbps").valueAsNumber || DEFAULT_SETTINGS.kbps,
      audio: this.#input("audio").checked,
      cameraId: this.#select("camera").value,
      microphoneId: this.#select("microphone").value,
    };
  }

  /** Shows this choice of picture. */
  choose({ source, cameraId, microphoneId, width, height, fps, audio }: PictureChoice): void {
    find(`input[name="source"][value="${source}"]`, HTMLInputElement, this.#form).checked = true;
    this.#select("camera").value = cameraId;
    this.#select("microphone").value = microphoneId;
    this.#input("fps").value = String(fps);
    this.#input("audio").checked = audio;
    this.#chooseSize(`${width}x${height}`);
    this.#markSource();
  }

  set freedom(freedom: FormFreedom) {
    for (const group of this.#form.querySelectorAll("fieldset")) {
      group.disabled = freedom === "none" || (freedom === "picture" && group.name === "channel");
    }
  }

  /** Calls back when a field changed that asks for another picture. */
  onPictureChange(changed: () => void): void {
    this.#onChange(["source", "camera", "microphone", "size", "fps", "audio"], changed);
  }

  /** Calls back when another bit rate is asked for. */
  onBitRateChange(changed: () => void): void {
    this.#onChange(["kbps"], changed);
  }

  /** Fills the pickers with the devices that are plugged in, keeping what was chosen. */
  async refreshDevices(): Promise<void> {
    const { cameras, microphones } = await listDevices();
    fill(this.#select("camera"), cameras, "Camera");
    fill(this.#select("microphone"), microphones, "Microphone");
  }

  #onChange(names: readonly string[], changed: () => void): void {
    this.#form.addEventListener("change", ({ target }) => {
      const isField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
      if (isField && names.includes(target.name) && target.checkValidity()) changed();
    });
  }

  get #source(): SourceKind {
    const chosen = this.#form.querySelector('input[name="source"]:checked');
    const value = chosen instanceof HTMLInputElement ? chosen.value : "";
    return value === "screen" || value === "testcard" ? value : "camera";
  }

  /** A size from the page's address that the list does not have is added to it. */
  #chooseSize(size: string): void {
    const select = this.#select("size");
    const known = [...select.options].some((option) => option.value === size);
    if (!known) select.append(make("option", { value: size }, size.replace("x", " × ")));
    select.value = size;
  }

  /** The style sheet hides the fields that the chosen source does not have. */
  #markSource(): void {
    this.#form.dataset.source = this.#source;
    this.#form.dataset.audio = this.#input("audio").checked ? "on" : "off";
  }

  #input(name: string): HTMLInputElement {
    return find(`input[name="${name}"]`, HTMLInputElement, this.#form);
  }

  #select(name: string): HTMLSelectElement {
    return find(`select[name="${name}"]`, HTMLSelectElement, this.#form);
  }
}

function fill(select: HTMLSelectElement, devices: readonly MediaDeviceInfo[], word: string): void {
  const chosen = select.value;
  const options = devices.map((device, index) =>
    make("option", { value: device.deviceId }, device.label === "" ? `${word} ${index + 1}` : device.label),
  );
  select.replaceChildren(make("option", { value: "" }, "Browser's choice"), ...options);
  if (devices.some((device) => device.deviceId === chosen)) select.value = chosen;
}
