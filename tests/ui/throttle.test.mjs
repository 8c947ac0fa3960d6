import assert from "node:assert/strict";
import { test } from "node:test";
import { atMostEvery, inRounds } from "../../assets/throttle.js";

const settle = async () => {
  for (let i = 0; i < 5; i += 1) await Promise.resolve();
};

/** A job that ends when it is told to. */
function slowJob() {
  const job = { runs: 0, end: () => null };
  job.run = () => {
    job.runs += 1;
    return new Promise((done) => (job.end = done));
  };
  return job;
}

const passes = async (t, ms) => {
  t.mock.timers.tick(ms);
  await settle();
};

test("the first call runs at once, a hundred more run once, a second later", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let runs = 0;
  const call = atMostEvery(1000, async () => (runs += 1));
  for (let i = 0; i < 101; i += 1) call();
  assert.equal(runs, 1);
  await passes(t, 999);
  assert.equal(runs, 1);
  await passes(t, 1);
  assert.equal(runs, 2);
  await passes(t, 5000);
  assert.equal(runs, 2);
});

test("a slow job is never started twice at a time, and what was asked meanwhile follows it", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const job = slowJob();
  const call = atMostEvery(1000, job.run);
  call();
  call();
  await passes(t, 60_000);
  assert.equal(job.runs, 1);
  job.end();
  await settle();
  assert.equal(job.runs, 2);
});

test("a job that fails does not end the series", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let runs = 0;
  const call = atMostEvery(1000, async () => {
    runs += 1;
    throw new Error("no server");
  });
  call();
  call();
  await passes(t, 1000);
  assert.equal(runs, 2);
});

test("all jobs that are owed run in one round, each once", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const ran = [];
  const [a, b] = ["a", "b"].map((name) => async () => ran.push(name));
  const ask = inRounds(1000);
  ask(a);
  for (let i = 0; i < 20; i += 1) [a, b].forEach(ask);
  await settle();
  assert.deepEqual(ran, ["a"]);
  await passes(t, 1000);
  assert.deepEqual(ran, ["a", "a", "b"]);
});
