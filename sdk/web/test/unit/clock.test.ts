import { beforeEach, expect, test } from "vitest";
import { ServerClock } from "../../src/clock.js";

let device: number;
let clock: ServerClock;

beforeEach(() => {
  device = 100_000;
  clock = new ServerClock(() => device);
});

const dated = (ms: number) => new Date(ms).toUTCString();

test("a consistent date changes nothing", () => {
  expect(clock.learn(dated(100_000), { sentAt: 99_900, receivedAt: 100_900 })).toBe(false);
  expect(clock.now()).toBe(100_000);
});

test("a slow clock is corrected to within the exchange", () => {
  expect(clock.learn(dated(700_000), { sentAt: 100_000, receivedAt: 100_200 })).toBe(true);
  device = 100_200;
  expect(clock.now()).toBeGreaterThanOrEqual(700_000);
  expect(clock.now()).toBeLessThanOrEqual(701_200);
});

test("a fast clock is set back", () => {
  expect(clock.learn(dated(10_000), { sentAt: 100_000, receivedAt: 100_000 })).toBe(true);
  expect(clock.now()).toBe(10_500);
});

test("a clock that was set back meanwhile teaches nothing", () => {
  expect(clock.learn(dated(100_000), { sentAt: 100_000, receivedAt: 1 })).toBe(false);
  expect(clock.now()).toBe(100_000);
});

test.each([null, "", "yesterday"])("a date that is none teaches nothing: %s", (date) => {
  expect(clock.learn(date, { sentAt: 100_000, receivedAt: 100_000 })).toBe(false);
});

test("what an earlier page measured gives way to what this one measures", () => {
  clock.recall(5_000);
  expect(clock.now()).toBe(105_000);
  clock.learn(dated(100_000), { sentAt: 100_000, receivedAt: 100_000 });
  clock.recall(5_000);
  expect(clock.now()).toBe(100_500);
});
