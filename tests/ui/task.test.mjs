import assert from "node:assert/strict";
import { test } from "node:test";
import { holdFetch, settled } from "./vite.mjs";

const asked = holdFetch();
const { applyFrame, expect, refused, show, task } = await import("../../assets/task.js");

const EVERY_MS = 1000;
let id = 0;

const row = (revision, facts = {}) => ({
  id,
  revision,
  status: "running",
  attempt: 1,
  title: "run",
  message: null,
  tags: ["a", "b"],
  notes: "",
  stopRequested: false,
  archivedAt: null,
  ...facts,
});

const whole = (told, facts = {}) => ({ ...told, events: [], attempts: [], series: [], job: null, tracked: null, hasLog: false, ...facts });

const frame = (fromRevision, told) => ({ taskId: id, row: told, attempt: 1, fromRevision, toRevision: told.revision, points: {} });

const answer = async (body) => {
  await settled();
  asked.shift().answer(body);
  await settled();
};

/** A test on a task of its own; `t.wait(ms)` lets time pass. */
function onTask(name, check) {
  test(name, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    id += 1;
    asked.length = 0;
    const wait = async (ms) => {
      t.mock.timers.tick(ms);
      await settled();
    };
    await check(wait);
    // What is still to be asked again is, so that the next test begins with nothing under way.
    while (asked.length) await answer(whole(row(99)));
    for (let left = 0; left < 3; left += 1) {
      await wait(EVERY_MS);
      while (asked.length) await answer(whole(row(99)));
    }
  });
}

async function opened(told, facts) {
  show(id);
  await answer(whole(told, facts));
}

onTask("a change is shown on, though frames come from before the server heard of it", async () => {
  await opened(row(1));
  expect({ tags: ["b"] });
  applyFrame(frame(1, row(2)));
  assert.deepEqual(task.get().row.tags, ["b"]);
  expect({ tags: task.get().row.tags.filter((tag) => tag !== "b") });
  applyFrame(frame(2, row(3, { tags: ["b"] })));
  assert.deepEqual(task.get().row.tags, []);
  applyFrame(frame(3, row(4, { tags: [] })));
  applyFrame(frame(4, row(5, { tags: ["of another"] })));
  assert.deepEqual(task.get().row.tags, ["of another"]);
});

onTask("what is refused is shown as the server has it, as often as it is refused", async () => {
  await opened(row(1));
  for (const attempt of ["first", "second"]) {
    expect({ title: attempt });
    assert.equal(task.get().row.title, attempt);
    refused();
    assert.equal(task.get().row.title, "run");
  }
});

onTask("a change that nobody answers is given up by itself", async (wait) => {
  await opened(row(1));
  expect({ title: "mine" });
  await wait(5000);
  assert.equal(task.get().row.title, "run");
});

onTask("a change is of no other task", async () => {
  await opened(row(1));
  expect({ title: "mine" });
  id += 1;
  await opened(row(1));
  assert.equal(task.get().row.title, "run");
});

onTask("who renames a task is shown the line that this writes into its history", async (wait) => {
  await opened(row(1));
  expect({ title: "mine" });
  applyFrame(frame(1, row(2, { title: "mine" })));
  await wait(0);
  assert.equal(asked.length, 1);
  await answer(whole(row(2, { title: "mine" }), { events: [{ id: 1, kind: "renamed" }] }));
  assert.deepEqual(task.get().events, [{ id: 1, kind: "renamed" }]);
});

onTask("an answer that is older than what was heard takes nothing back, not the notes either", async () => {
  show(id);
  applyFrame(frame(1, row(2, { notes: "saved" })));
  await answer(whole(row(1)));
  assert.equal(task.get().told.notes, "saved");
});

onTask("of two answers that overtake each other the later one stays", async () => {
  show(id);
  show(id);
  await settled();
  const [first, second] = asked.splice(0);
  second.answer(whole(row(2), { events: [{ id: 2 }, { id: 1 }] }));
  await settled();
  first.answer(whole(row(1), { events: [{ id: 1 }] }));
  await settled();
  assert.equal(task.get().events.length, 2);
});

const TRACKED = { startedAt: "then", criteria: [] };

onTask("what happened to a tracked task between its first answer and the join is asked for", async (wait) => {
  await opened(row(1), { tracked: { ...TRACKED, cost: 1 } });
  applyFrame({ ...frame(0, row(2)), points: null });
  await wait(0);
  await answer(whole(row(2), { tracked: { ...TRACKED, cost: 2 } }));
  assert.equal(task.get().tracked.cost, 2);
});

onTask("what happened before a first answer that came late is asked for", async (wait) => {
  show(id);
  applyFrame({ ...frame(0, row(2)), points: null });
  await answer(whole(row(1), { tracked: { ...TRACKED, cost: 1 } }));
  await wait(0);
  await answer(whole(row(2), { tracked: { ...TRACKED, cost: 2 } }));
  assert.equal(task.get().tracked.cost, 2);
});

onTask("a page that heard everything asks for nothing again", async (wait) => {
  await opened(row(2));
  applyFrame({ ...frame(0, row(2)), points: null });
  applyFrame(frame(2, row(3)));
  await wait(EVERY_MS);
  assert.equal(asked.length, 0);
});

onTask("a log that began before the page heard of the task is on it, whatever was answered earlier", async () => {
  show(id);
  await answer(whole(row(1)));
  assert.equal(task.get().hasLog, false);
  applyFrame({ ...frame(0, row(1)), points: null, hasLog: true });
  assert.equal(task.get().hasLog, true);
});
