import { imageSetLines, type MpdImages } from "./mpd-images.ts";
import { type TimelineEntry, timelineLines } from "./mpd-timeline.ts";

/** How a representation's segments are addressed: each by its place in a list, or all by their numbers alone. */
export type MpdSegments =
  | { readonly firstNumber: number; readonly timeline: readonly TimelineEntry[] }
  | {
      /** The number of the segment that begins with the period. */
      readonly firstNumber: number;
      /** Nominal, in ticks. */
      readonly duration: number;
      /** So much before its nominal end a segment can be asked for, and is sent as it is made. */
      readonly availableEarlySeconds: number;
    };

/** A moment of media, in ticks, and when it came to the encoder, as Unix time in ms. */
export interface MpdReferenceTime {
  readonly mediaTime: number;
  readonly wallMs: number;
}

/** One rendition within a period. */
export interface MpdRepresentation {
  readonly id: string;
  readonly codecs: string;
  /** bit/s */
  readonly bandwidth: number;
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  readonly frameRate?: number | undefined;
  readonly sampleRate?: number | undefined;
  readonly channels?: number | undefined;
  readonly timescale: number;
  /** Media time of the period's start, in ticks. */
  readonly presentationTimeOffset: number;
  readonly initUri: string;
  /** With `$Number$`. */
  readonly mediaUri: string;
  readonly segments: MpdSegments;
}

/** The renditions of one kind: a player switches between them. */
export interface MpdAdaptationSet {
  readonly kind: "video" | "audio";
  /** While live. */
  readonly referenceTime?: MpdReferenceTime | undefined;
  readonly representations: readonly MpdRepresentation[];
}

/** Something that happens within a period. */
export interface EventStreamEvent {
  readonly id: number;
  /** Since the beginning of the period. */
  readonly startMs: number;
  /** Undefined while it goes on. */
  readonly durationMs: number | undefined;
  readonly message: string;
}

/** The events of one scheme within a period. */
export interface MpdEventStream {
  readonly scheme: string;
  readonly events: readonly EventStreamEvent[];
}

/** What lies between two discontinuities. Seconds since the start of the presentation. */
export interface MpdPeriod {
  readonly id: string;
  readonly startSeconds: number;
  /** Where its content ends; undefined while that is open. */
  readonly durationSeconds?: number | undefined;
  /** Undefined when there are no events. */
  readonly eventStream?: MpdEventStream | undefined;
  readonly sets: readonly MpdAdaptationSet[];
  /** Preview images of what has been recorded. */
  readonly images?: MpdImages | undefined;
}

/** What only a live manifest has. */
interface MpdLive {
  /** Unix times in ms. */
  readonly availabilityStartMs: number;
  readonly publishedMs: number;
  readonly windowSeconds: number;
  readonly delaySeconds: number;
  /** Absolute address that answers with the server's clock in ISO 8601. */
  readonly clockUrl: string;
  /** Segments can be had while they are being made. */
  readonly lowLatency: boolean;
}

/** What players of low latency are asked to keep, in ms behind the encoder, and how much faster or slower they may be. */
const LATENCY = { target: 450, min: 300, max: 3_000 };
const PLAYBACK_RATE = { min: 0.96, max: 1.04 };
/** The delay is counted from the reference time of the first adaptation set. */
const FIRST_REFERENCE = 0;
/** Their chunks come in steps; with this much they play on. In seconds. */
const LOW_LATENCY_BUFFER = 0.5;

/** A manifest (ISO/IEC 23009-1). */
export interface Mpd {
  readonly periods: readonly MpdPeriod[];
  readonly maxSegmentSeconds: number;
  /** Live, or the length of what is finished. */
  readonly live: MpdLive | { readonly durationSeconds: number };
}

/** Writes a manifest. What a SegmentTimeline lists is what was measured, not what was planned. */
export function formatMpd(mpd: Mpd): string {
  const lowLatency = "lowLatency" in mpd.live && mpd.live.lowLatency;
  const head = [
    `xmlns="urn:mpeg:dash:schema:mpd:2011"`,
    `profiles="urn:mpeg:dash:profile:isoff-live:2011"`,
    `minBufferTime="${seconds(lowLatency ? LOW_LATENCY_BUFFER : mpd.maxSegmentSeconds)}"`,
    `maxSegmentDuration="${seconds(mpd.maxSegmentSeconds)}"`,
    ...("availabilityStartMs" in mpd.live
      ? liveAttributes(mpd.live, mpd.maxSegmentSeconds)
      : staticAttributes(mpd.live)),
  ];
  const clock =
    "clockUrl" in mpd.live
      ? [`  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="${escapeXml(mpd.live.clockUrl)}"/>`]
      : [];
  const lines = [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<MPD ${head.join(" ")}>`,
    ...(lowLatency ? serviceDescriptionLines() : []),
    ...mpd.periods.flatMap(periodLines),
    ...clock,
    "</MPD>",
  ];
  return `${lines.join("\n")}\n`;
}

function liveAttributes(live: MpdLive, maxSegmentSeconds: number): string[] {
  return [
    `type="dynamic"`,
    `availabilityStartTime="${new Date(live.availabilityStartMs).toISOString()}"`,
    `publishTime="${new Date(live.publishedMs).toISOString()}"`,
    `minimumUpdatePeriod="${seconds(maxSegmentSeconds / 2)}"`,
    `timeShiftBufferDepth="${seconds(live.windowSeconds)}"`,
    `suggestedPresentationDelay="${seconds(live.delaySeconds)}"`,
  ];
}

function serviceDescriptionLines(): string[] {
  const { target, min, max } = LATENCY;
  return [
    `  <ServiceDescription id="0">`,
    `    <Latency target="${target}" min="${min}" max="${max}" referenceId="${FIRST_REFERENCE}"/>`,
    `    <PlaybackRate min="${PLAYBACK_RATE.min}" max="${PLAYBACK_RATE.max}"/>`,
    "  </ServiceDescription>",
  ];
}

function staticAttributes(live: { readonly durationSeconds: number }): string[] {
  return [`type="static"`, `mediaPresentationDuration="${seconds(live.durationSeconds)}"`];
}

function periodLines(period: MpdPeriod): string[] {
  return [
    `  <Period id="${period.id}" start="${seconds(period.startSeconds)}"${durationAttribute(period)}>`,
    ...(period.eventStream === undefined ? [] : eventStreamLines(period.eventStream)),
    ...period.sets.flatMap((set, index) => setLines(set, index)),
    ...(period.images === undefined ? [] : imageSetLines(period.images, period.sets.length)),
    "  </Period>",
  ];
}

function eventStreamLines({ scheme, events }: MpdEventStream): string[] {
  return [
    `    <EventStream schemeIdUri="${scheme}" timescale="1000">`,
    ...events.map(({ id, startMs, durationMs, message }) => {
      const duration = durationMs === undefined ? "" : ` duration="${durationMs}"`;
      return `      <Event id="${id}" presentationTime="${startMs}"${duration}>${escapeXml(message)}</Event>`;
    }),
    "    </EventStream>",
  ];
}

function durationAttribute({ durationSeconds }: MpdPeriod): string {
  return durationSeconds === undefined ? "" : ` duration="${seconds(durationSeconds)}"`;
}

function setLines(set: MpdAdaptationSet, index: number): string[] {
  return [
    `    <AdaptationSet id="${index}" contentType="${set.kind}" mimeType="${set.kind}/mp4" segmentAlignment="true" startWithSAP="1">`,
    ...(set.referenceTime === undefined ? [] : [referenceTimeLine(index, set.referenceTime)]),
    `      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>`,
    ...set.representations.flatMap(representationLines),
    "    </AdaptationSet>",
  ];
}

function representationLines(representation: MpdRepresentation): string[] {
  const { id, codecs, bandwidth, size, frameRate, sampleRate, channels } = representation;
  const attributes = [
    `id="${id}"`,
    `codecs="${codecs}"`,
    `bandwidth="${bandwidth}"`,
    ...(size === undefined ? [] : [`width="${size.width}" height="${size.height}"`]),
    ...(frameRate === undefined ? [] : [`frameRate="${frameRateText(frameRate)}"`]),
    ...(sampleRate === undefined ? [] : [`audioSamplingRate="${sampleRate}"`]),
  ];
  const configuration = `<AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="${channels}"/>`;
  return [
    `      <Representation ${attributes.join(" ")}>`,
    ...(channels === undefined ? [] : [`        ${configuration}`]),
    ...templateLines(representation),
    "      </Representation>",
  ];
}

function referenceTimeLine(id: number, { mediaTime, wallMs }: MpdReferenceTime): string {
  const times = `wallClockTime="${new Date(wallMs).toISOString()}" presentationTime="${mediaTime}"`;
  return `      <ProducerReferenceTime id="${id}" inband="true" type="encoder" ${times}/>`;
}

function templateLines({
  timescale,
  presentationTimeOffset,
  initUri,
  mediaUri,
  segments,
}: MpdRepresentation): string[] {
  const attributes = [
    `timescale="${timescale}" presentationTimeOffset="${presentationTimeOffset}"`,
    `initialization="${initUri}" media="${mediaUri}" startNumber="${segments.firstNumber}"`,
  ];
  if ("duration" in segments) {
    const early = `availabilityTimeOffset="${decimal(segments.availableEarlySeconds)}" availabilityTimeComplete="false"`;
    return [`        <SegmentTemplate ${attributes.join(" ")} duration="${segments.duration}" ${early}/>`];
  }
  return [
    `        <SegmentTemplate ${attributes.join(" ")}>`,
    ...timelineLines(segments.timeline, "          "),
    "        </SegmentTemplate>",
  ];
}

/** ISO/IEC 23009-1 wants a whole number or a fraction. */
function frameRateText(frameRate: number): string {
  return Number.isInteger(frameRate) ? String(frameRate) : `${Math.round(frameRate * 1001)}/1001`;
}

function seconds(value: number): string {
  return `PT${decimal(value)}S`;
}

function decimal(value: number): string {
  return String(Number(value.toFixed(3)));
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
