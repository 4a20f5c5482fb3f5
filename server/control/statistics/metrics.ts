import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { BroadcastStats } from "../../protocol/stats.ts";
import type { Figures } from "./stats-routes.ts";

/** One gauge for each broadcast. */
const PER_BROADCAST: readonly (readonly [string, string, (stats: BroadcastStats) => number | null | undefined])[] = [
  ["viewers", "People who watch", ({ audience }) => audience.viewers],
  ["viewer_delay_ms", "Mean delay of viewers", ({ audience }) => audience.delayMs?.avg],
  ["viewer_delay_p95_ms", "Delay that 95 % of viewers are within", ({ audience }) => audience.delayMs?.p95],
  ["viewer_join_ms", "Mean time to the first picture", ({ audience }) => audience.joinMs?.avg],
  ["viewer_stalls", "Stalls of those who watch now", ({ audience }) => audience.stalls],
  ["ingest_kbps", "What the publisher sends", ({ ingest }) => ingest.kbps],
  ["ingest_frame_rate", "Pictures a second that the publisher sends", ({ ingest }) => ingest.frameRate],
  ["ingest_key_interval_seconds", "Longest time without a key frame", ({ ingest }) => ingest.keyIntervalSeconds],
  ["ingest_queued_bytes", "Bytes that wait for the disk", ({ ingest }) => ingest.queuedBytes],
  ["encoder_delay_ms", "From the encoder's input to its output", ({ encoder }) => encoder.delayMs],
  ["encoder_cpu_percent", "Processor that the encoder takes, of one core", ({ encoder }) => encoder.cpuPercent],
  ["encoder_speed", "Media that the encoder makes in a second, in seconds", ({ encoder }) => encoder.speed],
  ["encoder_restarts", "Times that the encoder was started again", ({ encoder }) => encoder.restarts],
  ["sent_bytes", "Bytes sent to viewers", ({ bytesOut }) => bytesOut],
];

/** Those of the process that everybody's dashboards expect; measured from the first question on. */
let standing: Registry | undefined;

/** Everything in the text format of Prometheus. Broadcasts that are over are gone from it. */
export async function metricsText(figures: Figures): Promise<{ readonly type: string; readonly text: string }> {
  const now = new Registry();
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `millrace_${name}`, help, labelNames, registers: [now] });
  const broadcasts = figures.broadcasts();
  for (const [name, help, figure] of PER_BROADCAST) {
    const each = gauge(name, help, ["channel"]);
    for (const stats of broadcasts) each.set({ channel: stats.channel }, figure(stats) ?? Number.NaN);
  }
  const deliveries = gauge("viewers_by_delivery", "People who watch, by how", ["channel", "delivery"]);
  for (const { channel, audience } of broadcasts) {
    for (const [delivery, count] of Object.entries(audience.deliveries)) deliveries.set({ channel, delivery }, count);
  }
  const server = await figures.server();
  gauge("broadcasts", "Broadcasts that are live").set(server.broadcasts);
  gauge("disk_free_bytes", "What may still be written").set(server.freeDiskBytes);
  standing ??= processMetrics();
  const text = await Registry.merge([standing, now]).metrics();
  return { type: standing.contentType, text };
}

function processMetrics(): Registry {
  const register = new Registry();
  // By default a hundred samples a second are taken of the event loop, and each of them wakes the process.
  collectDefaultMetrics({ register, prefix: "millrace_", eventLoopMonitoringPrecision: 100 });
  return register;
}
