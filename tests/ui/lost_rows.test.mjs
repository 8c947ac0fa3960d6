import assert from "node:assert/strict";
import { test } from "node:test";
import { createLossWatch } from "../../assets/lost_rows.js";

const row = (id, lostAfterMs) => [id, { id, status: "running", lostAfterAt: new Date(lostAfterMs).toISOString() }];

/** A test with rows that are lost at those times; `passed(ms)` lets time pass and returns how often it was told. */
function watched(name, losses, check) {
  test(name, (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 0 });
    const rows = new Map(losses.map((at, id) => row(id, at)));
    let times = 0;
    const watch = createLossWatch(
      () => rows,
      () => (times += 1),
    );
    watch.begin();
    const passed = (ms) => {
      t.mock.timers.tick(ms);
      return times;
    };
    check({ watch, rows, passed });
  });
}

watched("a row that comes to be lost is told once its time is over", [60_000, 90_000], ({ watch, passed }) => {
  assert.equal(passed(60_000), 0);
  assert.equal(passed(1000), 1);
  watch.begin();
  assert.ok(watch.has(0) && !watch.has(1));
  assert.equal(passed(30_000), 2);
});

watched("what was lost when it was fetched is no news", [0], ({ passed }) => {
  assert.equal(passed(3_600_000), 0);
});

watched("a row that reports meanwhile is lost later", [60_000], ({ rows, passed }) => {
  passed(50_000);
  rows.set(...row(0, 120_000));
  assert.equal(passed(30_000), 0);
  assert.equal(passed(45_000), 1);
});
