import assert from "node:assert/strict";
import { test } from "node:test";
import { holdFetch, settled } from "./vite.mjs";

const asked = holdFetch();
const { applyFrame, eventLog, open, showOlder } = await import("../../assets/tracked_events.js");

/** Events as the server lists them, the oldest first. */
const range = (first, last) => ({ events: Array.from({ length: last - first + 1 }, (_, i) => ({ id: first + i })) });

const ids = () => eventLog.get().events.map(({ id }) => id);

async function answer(body) {
  await settled();
  asked.shift().answer(body);
  await settled();
}

/** Show the log of an own task, whose newest events these are. */
async function opened(t, first, last) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => t.mock.timers.runAll());
  open(t.name, 1);
  await answer(range(first, last));
}

test("older events that are asked for twice are shown once", async (t) => {
  await opened(t, 101, 150);
  showOlder();
  showOlder();
  await answer(range(51, 100));
  await answer(range(51, 100));
  assert.deepEqual(ids(), Array.from({ length: 100 }, (_, i) => 150 - i));
  assert.equal(eventLog.get().older, true);
});

test("older events that come after the end was dropped for newer ones leave no gap", async (t) => {
  await opened(t, 101, 150);
  for (let last = 200; last < 550; last += 50) {
    showOlder();
    await answer(range(eventLog.get().events.at(-1).id - 50, eventLog.get().events.at(-1).id - 1));
  }
  showOlder();
  await settled();
  const before = asked.shift();
  t.mock.timers.tick(1000);
  await settled();
  applyFrame({ tracked: { happened: true }, fromRevision: 1, toRevision: 2 });
  await answer(range(151, 349));
  before.answer(range(1, 50));
  await settled();
  const held = ids();
  assert.deepEqual(held, Array.from({ length: held.length }, (_, i) => held[0] - i));
});
