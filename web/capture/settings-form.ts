import { find, make } from "../ui/dom.ts";
import { type DeviceRequest, listDevices } from "./devices.ts";
import { type CaptureSettings, DEFAULT_SETTINGS, type SourceKind } from "./settings.ts";

/** The form beside the preview. Its fields hold the truth; everything else asks it. */
export class SettingsForm {
  readonly #form: HTMLFormElement;

  constructor(form: HTMLFormElement, settings: CaptureSettings) {
    this.#form = form;
    this.#input("channel").value = settings.channel;
    this.#input("key").value = settings.key;
    this.#input("fps").value = String(settings.fps);
    this.#input("kbps").value = String(settings.kbps);
    this.#input("audio").checked = settings.audio;
    find(`input[name="source"][value="${settings.source}"]`, HTMLInputElement, form).checked = true;
    this.#chooseSize(`${settings.width}x${settings.height}`);
    this.#markSource();
    form.addEventListener("change", () => this.#markSource());
  }

  /** The settings as they are now. */
  get settings(): CaptureSettings & DeviceRequest {
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

  /** A running broadcast cannot be changed. */
  set locked(locked: boolean) {
    for (const group of this.#form.querySelectorAll("fieldset")) group.disabled = locked;
  }

  /** Calls back when a field changed that asks for another picture. */
  onPictureChange(changed: () => void): void {
    const picture = new Set(["source", "camera", "microphone", "size", "fps", "audio"]);
    this.#form.addEventListener("change", ({ target }) => {
      if ((target instanceof HTMLInputElement || target instanceof HTMLSelectElement) && picture.has(target.name)) {
        changed();
      }
    });
  }

  /** Fills the pickers with the devices that are plugged in, keeping what was chosen. */
  async refreshDevices(): Promise<void> {
    const { cameras, microphones } = await listDevices();
    fill(this.#select("camera"), cameras, "Camera");
    fill(this.#select("microphone"), microphones, "Microphone");
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
