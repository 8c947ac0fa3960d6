import assert from "node:assert/strict";
import { test } from "node:test";
import "./vite.mjs";

const { gpuState } = await import("../../assets/gpu_state.js");

const NOW = Date.parse("2026-01-01T12:00:00Z");
const at = (seconds) => new Date(NOW + seconds * 1000).toISOString();
const task = (id, silentAfter) => ({ id, title: `run ${id}`, status: "running", silentAfterAt: at(silentAfter) });
const gpu = (facts) => ({ tasks: [], sampledAt: null, staleAfterAt: null, utilizationPercent: null, ...facts });
const sampled = (utilizationPercent, staleAfter = 60) => gpu({ utilizationPercent, sampledAt: at(-60), staleAfterAt: at(staleAfter) });
const none = new Map();
const tone = (card, rows = none) => gpuState(card, rows, NOW).tone;

test("a live running task makes a GPU active, whatever is read of it", () => {
  assert.equal(tone(gpu({ tasks: [task(1, 20)] })), "active");
  assert.equal(tone({ ...sampled(0), tasks: [task(1, 20)] }), "active");
});

test("a task that fell silent does not", () => assert.equal(tone(gpu({ tasks: [task(1, -1)] })), "unknown"));

test("the row of a task knows its newest deadline", () => {
  assert.equal(tone(gpu({ tasks: [task(1, -1)] }), new Map([[1, task(1, 20)]])), "active");
});

test("a GPU is active from 5 % utilisation on, and idle below", () => {
  assert.deepEqual([5, 4.9, 0].map((percent) => tone(sampled(percent))), ["active", "idle", "idle"]);
});

test("a GPU whose last reading is old is one without news", () => assert.equal(tone(sampled(93, -1)), "unknown"));

test("an error is above all", () => assert.equal(tone({ ...sampled(93), error: "fell off the bus" }), "error"));

test("the reason is told in words, and stays short", () => {
  const tasks = [1, 2, 3, 4, 5].map((id) => task(id, 20));
  assert.equal(gpuState(gpu({ tasks }), none, NOW).why, "Active: running run 1, run 2, run 3 and 2 more");
  assert.equal(gpuState(sampled(40), none, NOW).why, "Active: 40% utilisation");
  assert.equal(gpuState(sampled(1, -1), none, NOW).why, "No news: last reading 1 min ago, and no live task");
  assert.equal(gpuState(gpu({}), none, NOW).why, "No news: no readings yet, and no live task");
});
