import assert from "node:assert/strict";
import { test } from "node:test";
import { figureOf, grown, iterations, limitsOf, money, quietFor, spending, stillness } from "../../assets/tracked.js";

const START = Date.parse("2026-01-31T12:00:00Z");
const HOUR = 3_600_000;

const held = (facts = {}) => ({
  attempt: 1,
  startedAt: "2026-01-31T12:00:00.000+00:00",
  criteria: [{ text: "tests pass", verifiedAt: null }, { text: "typed", verifiedAt: "t0" }],
  criteriaVerified: 1,
  filesCreated: ["a"],
  filesModified: [],
  iteration: 1,
  errors: 2,
  ...facts,
});

const part = (facts = {}) => ({
  startedAt: "2026-01-31T12:00:00.000+00:00",
  criteriaTotal: 2,
  criteriaVerified: 1,
  verified: [[1, "t0"]],
  filesCreated: { total: 1, last: ["a"] },
  filesModified: { total: 0, last: [] },
  iteration: 2,
  happened: true,
  ...facts,
});

test("a frame brings the facts along, and what it does not speak of stays", () => {
  const after = grown(held(), part());
  assert.deepEqual([after.iteration, after.errors, after.criteria[0].text], [2, 2, "tests pass"]);
  assert.equal("verified" in after || "happened" in after, false);
});

test("a list grows by the end that a frame brings", () => {
  const after = grown(held(), part({ filesCreated: { total: 3, last: ["a", "b", "c"] } }));
  assert.deepEqual(after.filesCreated, ["a", "b", "c"]);
});

test("a list that does not grow is the very same one", () => {
  const before = held();
  assert.equal(grown(before, part()).filesCreated, before.filesCreated);
});

test("a criterion is verified at the time that the frame says, and keeps it", () => {
  const after = grown(held(), part({ criteriaVerified: 2, verified: [[1, "t9"], [0, "t1"]] }));
  assert.deepEqual(after.criteria.map((each) => each.verifiedAt), ["t1", "t0"]);
});

const BEYOND = {
  "another attempt": part({ startedAt: "2026-01-31T13:00:00.000+00:00" }),
  "other criteria": part({ criteriaTotal: 3 }),
  "more files than it names": part({ filesCreated: { total: 20, last: ["t"] } }),
  "fewer files than there were": part({ filesCreated: { total: 0, last: [] } }),
  "more verified criteria than it names": part({ criteriaVerified: 2 }),
};

for (const [what, frame] of Object.entries(BEYOND)) {
  test(`${what} must be fetched`, () => assert.equal(grown(held(), frame), null));
}

test("what was not yet fetched cannot grow", () => assert.equal(grown(null, part()), null));

test("dollars read as dollars, however few or many", () => {
  assert.deepEqual([0, 0.0042, 0.01, 1.25, 12400].map(money), ["$0.00", "$0.0042", "$0.01", "$1.25", "$12,400.00"]);
});

const task = (facts = {}) => ({ cost: 1, maxCost: null, startedAt: new Date(START).toISOString(), completedAt: null, progress: 0, ...facts });
const row = (hours, status = "running") => ({ status, lastUpdated: new Date(START + hours * HOUR).toISOString() });

test("what an hour costs is what it has cost until it was last heard of", () => {
  assert.equal(spending(task({ cost: 3 }), row(2)).perHour, 1.5);
});

test("of the first seconds nothing is concluded, nor of no cost", () => {
  assert.equal(spending(task(), row(9 / 3600)).perHour, null);
  assert.equal(spending(task({ cost: 0, maxCost: 1 }), row(1)).perHour, null);
  assert.equal(spending(task({ cost: 0, maxCost: 1 }), row(1)).usedUpAt, null);
});

test("at its pace the budget is used up at some time", () => {
  assert.equal(spending(task({ maxCost: 4 }), row(1)).usedUpAt, START + 4 * HOUR);
});

test("at its pace the task will have cost something in the end", () => {
  assert.equal(spending(task({ progress: 25 }), row(1)).atEnd, 4);
  assert.equal(spending(task({ progress: 2 }), row(1)).atEnd, null);
});

test("who is over the budget is told by how much, and no longer when it will be used up", () => {
  const spent = spending(task({ cost: 5, maxCost: 4 }), row(1));
  assert.deepEqual([spent.over, spent.usedUpAt], [1, null]);
});

test("what has ended leads nowhere, and cost what it cost by its own time", () => {
  const ended = task({ cost: 2, maxCost: 4, progress: 50, completedAt: new Date(START + HOUR).toISOString() });
  assert.deepEqual(spending(ended, row(3, "failed")), { perHour: 2, over: null, atEnd: null, usedUpAt: null });
});

test("a task that runs and is not heard of is quiet after half a minute", () => {
  const now = START + 94_500;
  assert.equal(quietFor(row(0), now), 94);
  assert.equal(quietFor(row(0), START + 29_999), null);
  assert.equal(quietFor(row(0, "complete"), now), null);
  assert.deepEqual([94, 119, 120, 200].map(stillness), ["94 s", "119 s", "2m", "3m 20s"]);
});

test("limits are named with what they are", () => {
  const limits = { limitsReached: ["iterations", "cost", "seconds"], maxIterations: 20, maxCost: 2.5, maxSeconds: 3600 };
  assert.deepEqual(limitsOf(limits), ["20 iterations", "the budget of $2.50", "the time of 1h 0m"]);
});

test("a list says iterations of what an agent works on, whatever they were reported as", () => {
  assert.equal(iterations({ currentStep: 3, totalSteps: 20 }), "3/20 iterations");
  assert.equal(iterations({ currentStep: null, totalSteps: null, currentEpoch: 4, totalEpochs: 1000 }), "4/1,000 iterations");
  assert.equal(iterations({ currentStep: 7, totalSteps: null }), "Iteration 7");
  assert.equal(iterations({ currentStep: null, totalSteps: null }), null);
});

test("the figure in a list is the one that its line is of", () => {
  assert.equal(figureOf({ metrics: { iteration: 3, cost: 1, criteria: 2 } }), "cost");
  assert.equal(figureOf({ metrics: {} }), null);
});
