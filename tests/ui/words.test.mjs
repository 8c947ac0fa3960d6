import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, duration, metric, percent, roughDuration } from "../../assets/format.js";
import { livenessOf, livenessText, secondsLeft } from "../../assets/liveness.js";

const NOW = Date.parse("2026-01-01T12:00:00Z");
const at = (seconds) => new Date(NOW + seconds * 1000).toISOString();
const running = { status: "running", lastUpdated: at(-2), silentAfterAt: at(20), lostAfterAt: at(600), expectedSeconds: 3 };

test("durations read as people say them", () => {
  const said = [42, 200, 120, 3900, 183600].map(duration);
  assert.deepEqual(said, ["42s", "3m 20s", "2m", "1h 5m", "2d 3h"]);
});

test("a row speaks of whole minutes and never promises less than is left", () => {
  assert.deepEqual([42, 720, 719.4, 661, 3599].map(roughDuration), ["42s", "12 min", "12 min", "12 min", "1h 0m"]);
});

test("what is unknown is two dashes", () => {
  assert.deepEqual([duration(null), percent(undefined), metric(null)], ["--", "--", "--"]);
});

test("a fraction is the percentage it stands for, in spite of binary rounding", () => {
  assert.deepEqual([0.29, 0.45, 0.999, 1].map(percent), ["29%", "45%", "99%", "100%"]);
});

test("a time in the future is now", () => assert.equal(ago(-5000), "0 s ago"));

test("a task is live until its deadline, then silent, then lost", () => {
  assert.deepEqual([0, 21, 601].map((s) => livenessOf(running, NOW + s * 1000)), ["live", "silent", "lost"]);
});

test("silence is told with how long it lasts and what was expected", () => {
  assert.equal(livenessText(running, NOW + 118_000), "silent 2m, expected every 3s");
});

test("only a running task can be silent", () => {
  assert.equal(livenessOf({ ...running, status: "paused" }, NOW + 1e9), "none");
});

test("the time left counts down while the task is heard and is that of the last report when it is silent", () => {
  const row = { ...running, etaSeconds: 100 };
  assert.deepEqual([0, 10, 20, 300].map((s) => secondsLeft(row, NOW + s * 1000)), [98, 88, 100, 100]);
});

test("the time left is never negative, and an ended task has none", () => {
  assert.equal(secondsLeft({ ...running, etaSeconds: 1 }, NOW + 10_000), 0);
  assert.equal(secondsLeft({ ...running, status: "complete", etaSeconds: 1 }, NOW), null);
});
