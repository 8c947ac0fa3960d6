import assert from "node:assert/strict";
import { test } from "node:test";
import { createTally } from "../../assets/tally.js";

const frame = (seq) => ({ seq, prev: seq - 1 });

function begun(sent) {
  const tally = createTally();
  tally.begin(sent);
  return tally;
}

test("frames in a row miss nothing", () => {
  const tally = begun(4);
  assert.deepEqual([5, 6, 7].map((seq) => tally.missed(frame(seq))), [false, false, false]);
});

test("a frame that never came is noticed once", () => {
  const tally = begun(4);
  assert.deepEqual([5, 7, 8].map((seq) => tally.missed(frame(seq))), [false, true, false]);
});

test("the very first frame after a join can be missed too", () => assert.equal(begun(4).missed(frame(6)), true));

test("a frame that was sent before the join tells nothing new", () => {
  const tally = begun(6);
  assert.deepEqual([6, 7].map((seq) => tally.missed(frame(seq))), [false, false]);
});

test("before the join nothing is counted, for the join fetches everything", () => {
  assert.equal(createTally().missed(frame(9)), false);
});

test("a new server counts from the beginning", () => {
  const tally = begun(90);
  tally.begin(0);
  assert.deepEqual([1, 3].map((seq) => tally.missed(frame(seq))), [false, true]);
});
