import assert from "node:assert/strict";
import { test } from "node:test";
import { createRetry } from "../../assets/retry.js";

test("what failed is done again, later each time, but every quarter of a minute at least", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 0 });
  const at = [];
  const retry = createRetry(() => {
    at.push(Date.now() / 1000);
    retry.failed();
  });
  retry.failed();
  for (let second = 0; second < 61; second += 1) t.mock.timers.tick(1000);
  assert.deepEqual(at, [1, 3, 7, 15, 30, 45, 60]);
});

test("what succeeded is not done again, and the next failure is made up for soon", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 0 });
  let times = 0;
  const retry = createRetry(() => (times += 1));
  retry.failed();
  retry.failed();
  retry.done();
  t.mock.timers.tick(60_000);
  assert.equal(times, 0);
  retry.failed();
  t.mock.timers.tick(1000);
  assert.equal(times, 1);
});
