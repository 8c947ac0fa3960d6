import assert from "node:assert/strict";
import { test } from "node:test";
import { createPacer } from "../../assets/pacer.js";

/** A thread on which each job takes 10 ms; `passes` lets time go by. */
function thread(t, share) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const clock = { now: 0, ran: [] };
  const pacer = createPacer(share, () => clock.now);
  const job = (name) => () => {
    clock.ran.push(name);
    clock.now += 10;
  };
  const passes = (ms) => {
    for (let i = 0; i < ms; i += 1) {
      clock.now += 1;
      t.mock.timers.tick(1);
    }
  };
  return { clock, pacer, job, passes };
}

test("the first job runs at once", (t) => {
  const { clock, pacer, job } = thread(t, 0.5);
  pacer.ask(job("a"));
  assert.deepEqual(clock.ran, ["a"]);
});

test("jobs take turns, oldest first, with a pause after each that leaves the thread its share", (t) => {
  const { clock, pacer, job, passes } = thread(t, 0.25);
  const [a, b] = [job("a"), job("b")];
  [a, b, a].forEach(pacer.ask);
  passes(29);
  assert.deepEqual(clock.ran, ["a"]);
  passes(1);
  assert.deepEqual(clock.ran, ["a", "b"]);
  passes(30);
  assert.deepEqual(clock.ran, ["a", "b", "a"]);
});

test("what is asked twice runs once", (t) => {
  const { clock, pacer, job, passes } = thread(t, 0.5);
  const [a, b] = [job("a"), job("b")];
  pacer.ask(a);
  for (let i = 0; i < 9; i += 1) pacer.ask(b);
  passes(100);
  assert.deepEqual(clock.ran, ["a", "b"]);
});

test("what is forgotten does not run, and the others still do", (t) => {
  const { clock, pacer, job, passes } = thread(t, 0.5);
  const [a, b, c] = ["a", "b", "c"].map(job);
  [a, b, c].forEach(pacer.ask);
  pacer.forget(b);
  passes(100);
  assert.deepEqual(clock.ran, ["a", "c"]);
});
