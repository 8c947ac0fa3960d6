import assert from "node:assert/strict";
import { test } from "node:test";
import { endText, etaText, livenessText, stateOf } from "../../assets/liveness.js";

const HEARD = Date.parse("2030-01-01T12:00:00");
const at = (seconds) => HEARD + seconds * 1000;
const row = (facts = {}) => ({
  status: "running",
  etaSeconds: 20,
  lastUpdated: new Date(HEARD).toISOString(),
  silentAfterAt: new Date(at(90)).toISOString(),
  expectedSeconds: 10,
  ...facts,
});

const SAID = [
  ["what is left counts down", row(), 5, "ETA: 15s"],
  ["the last moment is no number", row(), 20, "ETA: any moment"],
  ["what is due when the next report comes may still come with it", row(), 29, "ETA: any moment"],
  ["a task that should have ended is overdue", row(), 31, "ETA: overdue"],
  ["whoever reports often is overdue soon", row({ expectedSeconds: 0.2 }), 24, "ETA: overdue"],
  ["whose rhythm is unknown is overdue as well", row({ expectedSeconds: null }), 24, "ETA: overdue"],
  ["a silent task keeps what was left when it was last heard", row(), 95, "ETA: 20s"],
  ["a paused one too", row({ status: "paused" }), 95, "ETA: 20s"],
  ["of an ended task nothing is left", row({ status: "complete" }), 5, null],
  ["what is unknown is not said", row({ etaSeconds: null }), 5, null],
];

for (const [claim, task, seconds, said] of SAID) {
  test(claim, () => assert.equal(etaText(task, at(seconds)), said));
}

test("a list writes the time left in its own way", () => {
  assert.equal(etaText(row(), at(5), (seconds) => `about ${seconds}`), "ETA: about 15");
});

test("the clock time of the end lies behind an overdue task", () => {
  assert.equal(endText(row({ etaSeconds: 60 }), at(5)), "ends about 12:01");
  assert.equal(endText(row({ etaSeconds: 60 }), at(65)), "ends about 12:01");
  assert.equal(endText(row({ etaSeconds: 60 }), at(75)), "was due 12:01");
});

test("nobody can tell when a silent or paused task ends", () => {
  assert.equal(endText(row(), at(95)), null);
  assert.equal(endText(row({ status: "paused" }), at(5)), null);
});

test("a task of which nothing was heard for long is lost, and does not run any more", () => {
  const lost = row({ lostAfterAt: new Date(at(600)).toISOString() });
  assert.equal(stateOf(lost, at(599)), "running");
  assert.equal(livenessText(lost, at(599)), "silent 9m, expected every 10s");
  assert.equal(stateOf(lost, at(600)), "lost");
  assert.equal(livenessText(lost, at(7500)), "silent 2h 5m");
  assert.equal(stateOf({ ...lost, status: "failed" }, at(7500)), "failed");
});
