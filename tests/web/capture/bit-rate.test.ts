import { describe, expect, test } from "@jest/globals";
import { BitRate } from "../../../web/capture/bit-rate.ts";

const STEP_MS = 100;

/** A recorder that makes what it is told, and a line that carries so much. */
class Bench {
  readonly rate: BitRate;
  lineKbps: number;
  nowMs = 0;
  producedBytes = 0;
  acknowledgedBytes = 0;
  isConnected = true;
  /** Every bit rate that it was changed to, with the second. */
  readonly changes: (readonly [second: number, kbps: number])[] = [];

  constructor(wantedKbps: number, lineKbps: number) {
    this.rate = new BitRate(wantedKbps);
    this.lineKbps = lineKbps;
  }

  get waitingSeconds(): number {
    return ((this.producedBytes - this.acknowledgedBytes) * 8) / 1000 / this.lineKbps;
  }

  run(seconds: number): void {
    for (const endMs = this.nowMs + seconds * 1000; this.nowMs < endMs; ) {
      this.nowMs += STEP_MS;
      this.producedBytes += ((this.rate.kbps + 128) * STEP_MS) / 8;
      const carried = this.isConnected ? (this.lineKbps * STEP_MS) / 8 : 0;
      this.acknowledgedBytes = Math.min(this.producedBytes, this.acknowledgedBytes + carried);
      const { nowMs, producedBytes, acknowledgedBytes, isConnected } = this;
      const changed = this.rate.judge({ nowMs, producedBytes, acknowledgedBytes, isConnected });
      if (changed) this.changes.push([nowMs / 1000, this.rate.kbps]);
    }
  }
}

describe("the bit rate", () => {
  test("stays as it is on a line that carries it", () => {
    const bench = new Bench(2500, 3000);
    bench.run(600);
    expect(bench.changes).toEqual([]);
    expect(bench.rate.warning).toBeUndefined();
  });

  test("goes down to what the line carries, soon and in one step, and what had piled up is worked off", () => {
    const bench = new Bench(2500, 1200);
    bench.run(12);
    expect(bench.changes).toEqual([[expect.any(Number), 770]]);
    expect(bench.changes[0]?.[0]).toBeLessThan(9);
    expect(bench.rate.warning).toMatch(/too slow for 2500 kbit\/s: 770 kbit\/s/);
    bench.run(60);
    expect(bench.waitingSeconds).toBeLessThan(0.5);
  });

  test("goes down again when a step was not enough", () => {
    const bench = new Bench(2500, 1200);
    bench.run(12);
    bench.lineKbps = 500;
    bench.run(30);
    expect(bench.rate.kbps).toBeLessThanOrEqual(250);
    expect(bench.rate.kbps).toBeGreaterThanOrEqual(150);
  });

  test("has a floor, and says when not even that can be carried", () => {
    const bench = new Bench(1000, 100);
    bench.run(60);
    expect(bench.changes.map(([, kbps]) => kbps)).toEqual([150]);
    expect(bench.rate.warning).toMatch(/not even with 150 kbit\/s/);
  });

  test("is never raised above what is wanted, nor lowered below it where that is under the floor", () => {
    const bench = new Bench(100, 50);
    bench.run(300);
    expect(bench.changes).toEqual([]);
    expect(bench.rate.warning).toMatch(/not even with 100 kbit\/s/);
  });

  test("climbs after two minutes without trouble, step by step", () => {
    const bench = new Bench(2500, 1200);
    bench.run(60);
    bench.lineKbps = 10_000;
    const [before] = bench.changes;
    bench.run(600);
    const climbs = bench.changes.slice(1);
    expect(climbs.map(([, kbps]) => kbps)).toEqual([1155, 1733, 2500]);
    const seconds = [before?.[0] ?? 0, ...climbs.map(([second]) => second)];
    seconds
      .slice(1)
      .forEach((second, index) => void expect(second - (seconds[index] ?? 0)).toBeGreaterThanOrEqual(120));
    expect(bench.rate.warning).toBeUndefined();
  });

  test("waits longer each time that a climb was too much", () => {
    const bench = new Bench(2500, 1200);
    bench.run(1800);
    const ups = bench.changes.filter(([, kbps], index) => kbps > (bench.changes[index - 1]?.[1] ?? 2500));
    const gaps = ups.slice(1).map(([second], index) => second - (ups[index]?.[0] ?? 0));
    expect(ups.length).toBeGreaterThanOrEqual(3);
    expect(ups.length).toBeLessThanOrEqual(5);
    gaps.forEach((gap, index) => void expect(gap).toBeGreaterThan(index === 0 ? 120 : (gaps[index - 1] ?? 0) * 1.5));
  });

  test("is not judged over a break, however much is waiting after it", () => {
    const bench = new Bench(1000, 5000);
    bench.run(10);
    bench.isConnected = false;
    bench.run(30);
    bench.isConnected = true;
    bench.run(60);
    expect(bench.changes).toEqual([]);
    expect(bench.waitingSeconds).toBeLessThan(0.1);
  });

  test("goes down when the line carries it, but would never catch up", () => {
    const bench = new Bench(1000, 1160);
    bench.isConnected = false;
    bench.run(30);
    bench.isConnected = true;
    bench.run(120);
    expect(bench.changes[0]?.[1]).toBe(740);
    expect(bench.waitingSeconds).toBeLessThan(0.5);
  });

  test("is not changed because a line hesitates for some seconds now and then", () => {
    const bench = new Bench(2500, 10_000);
    for (let time = 0; time < 20; time++) {
      bench.run(10);
      bench.lineKbps = 100;
      bench.run(3);
      bench.lineKbps = 10_000;
    }
    expect(bench.changes).toEqual([]);
  });

  test("is not judged over the time that the machine slept", () => {
    const bench = new Bench(1000, 5000);
    bench.run(10);
    bench.nowMs += 6_000;
    bench.acknowledgedBytes -= 20_000;
    bench.run(30);
    expect(bench.changes).toEqual([]);
  });

  test("is not blamed on a line that is dead: nothing is acknowledged", () => {
    const bench = new Bench(1000, 0);
    bench.run(30);
    expect(bench.changes).toEqual([]);
  });

  test("is what the person wants at once", () => {
    const bench = new Bench(2500, 1200);
    bench.run(30);
    bench.rate.want(600);
    expect(bench.rate.kbps).toBe(600);
    expect(bench.rate.warning).toBeUndefined();
  });
});
