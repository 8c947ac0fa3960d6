import assert from "node:assert/strict";
import { test } from "node:test";
import { after, along, append, curveFrom, gaps, peak, refine, smooth } from "../../assets/curve.js";

const curve = (steps, values, flags = {}) =>
  curveFrom({ attempt: 1, revision: 1, steps, values, epochs: steps.map((s) => Math.floor((s - 1) / 2) + 1), times: [...steps], flags });

test("points after the last are appended", () => {
  const held = curve([1, 2], [3, 2]);
  assert.equal(append(held, { steps: [3], values: [1], epochs: [2], times: [3], flags: {} }), true);
  assert.deepEqual(held.steps, [1, 2, 3]);
});

test("a late point is not appended and changes nothing", () => {
  const held = curve([1, 5], [3, 2]);
  assert.equal(append(held, { steps: [6, 4], values: [1, 1], epochs: [3, 2], times: [6, 4], flags: {} }), false);
  assert.deepEqual(held.steps, [1, 5]);
});

test("a point at the last step takes the place of the last", () => {
  const held = curve([1, 2], [3, 2]);
  assert.equal(append(held, { steps: [2, 2, 3, 3], values: [5, 4, 1, 0], epochs: [1, 1, 2, 2], times: [7, 8, 9, 10], flags: {} }), true);
  assert.deepEqual([held.steps, held.values, held.times], [[1, 2, 3], [3, 4, 0], [1, 8, 10]]);
});

test("a frame that overlaps a fetched curve brings the value that took the place of its last", () => {
  const fresh = after(curve([1, 2], [3, 2]), { steps: [1, 2, 2], values: [3, 2, 9], epochs: [1, 1, 1], times: [1, 2, 3], flags: {} });
  assert.deepEqual([fresh.steps, fresh.values], [[2], [9]]);
});

test("what a frame repeats of a fetched curve is left out", () => {
  const fresh = after(curve([1, 2], [3, 2]), { steps: [2, 3], values: [2, 1], epochs: [1, 2], times: [2, 3], flags: {} });
  assert.deepEqual(fresh.steps, [3]);
});

test("finer detail replaces what lies between its two steps", () => {
  const refined = refine(curve([1, 5, 9], [3, 2, 1]), curve([4, 5, 6], [2.5, 2, 1.5]), 4, 6);
  assert.deepEqual(refined.steps, [1, 4, 5, 6, 9]);
});

test("detail beyond the end is joined on", () => {
  assert.deepEqual(refine(curve([1, 5], [3, 2]), curve([6, 7], [1, 1]), 6, 7).steps, [1, 5, 6, 7]);
});

test("without weight smoothing changes nothing", () => {
  assert.deepEqual(smooth([3, null, 1], 0), [3, null, 1]);
});

test("a smoothed constant stays what it is, from the first point on", () => {
  smooth([2, 2, null, 2], 0.9).forEach((value) => assert.ok(value === null || Math.abs(value - 2) < 1e-12));
});

test("a gap is drawn at the height before it and says why", () => {
  assert.deepEqual(gaps(curve([1, 2], [3, null], { 2: "nan" })), [{ index: 1, step: 2, height: 3, flag: "nan" }]);
});

test("the points of an epoch are spread over it, and an epoch that is not over stays short", () => {
  const xs = along({ steps: [1, 2, 3, 4, 5], epochs: [1, 1, 1, 1, 2], values: [], times: [] }, "epoch");
  assert.deepEqual(xs, [0, 0.25, 0.5, 0.75, 1]);
});

test("the peak of nothing is zero", () => assert.equal(peak([null]), 0));
