import assert from "node:assert/strict";
import { test } from "node:test";
import { canDelete, canMarkEnded, canStart, canStop, launched, mayRun, subtitle } from "../../assets/job.js";

const row = (status, facts = {}) => ({ status, isWaiting: false, stopRequested: false, ...facts });

const CAN = [
  [row("queued"), { start: true, stop: false, delete: true }],
  [row("queued", { isWaiting: true }), { start: false, stop: true, delete: true }],
  [row("running"), { start: false, stop: true, delete: false }],
  [row("paused"), { start: false, stop: true, delete: false }],
  [row("running", { stopRequested: true }), { start: false, stop: false, delete: false }],
  [row("complete"), { start: true, stop: false, delete: true }],
  [row("failed"), { start: true, stop: false, delete: true }],
  [row("stopped", { stopRequested: true }), { start: true, stop: false, delete: true }],
];

for (const [job, can] of CAN) {
  test(`what can be done to a job that is ${JSON.stringify(job)}`, () => {
    assert.deepEqual({ start: canStart(job), stop: canStop(job), delete: canDelete(job) }, can);
  });
}

test("a person says how a task ended that reports, and of a job once it is lost", () => {
  const lostAfterAt = "2030-01-01T12:00:00Z";
  const now = Date.parse(lostAfterAt);
  const ends = (facts, at) => canMarkEnded(row("running", { lostAfterAt, isJob: false, ...facts }), at);
  assert.equal(ends({}, now - 1), true);
  assert.equal(ends({ isJob: true }, now - 1), false);
  assert.equal(ends({ isJob: true }, now), true);
  assert.equal(ends({ status: "stopped" }, now), false);
});

test("pretending needs the lesser right", () => {
  const here = { simulate: true, operate: false };
  assert.equal(mayRun({ source: "simulated" }, here), true);
  assert.equal(mayRun({ source: "local" }, here), false);
  assert.equal(mayRun({ source: "local" }, { simulate: true, operate: true }), true);
});

test("the subtitle says model, epochs and learning rate", () => {
  assert.equal(subtitle({ modelName: "resnet50", epochs: 10, learningRate: 0.001 }), "resnet50 - 10 epochs - LR 0.001");
  assert.equal(subtitle({ modelName: "vit", epochs: 1, learningRate: 1 }), "vit - 1 epoch - LR 1");
});

test("what a job runs is told with its values, and nothing that nobody chose", () => {
  const told = (job) => launched(job).filter(([, value]) => value);
  const options = { template: "digits", parameters: { hidden: 64, warm_up: false }, command: null, gpu: 0 };
  assert.deepEqual(told({ batchSize: 32, options }), [
    ["Template", "digits"],
    ["Batch size", 32],
    ["Hidden", "64"],
    ["Warm up", "false"],
    ["GPU required", "0"],
  ]);
  assert.deepEqual(told({ batchSize: 32, options: { speed: 3, failAt: null, seed: 0 } }), [
    ["Batch size", 32],
    ["Points a second", 3],
    ["Seed", "0"],
  ]);
  assert.deepEqual(launched(null), []);
});
