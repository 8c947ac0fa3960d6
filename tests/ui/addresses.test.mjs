import assert from "node:assert/strict";
import { test } from "node:test";
import { pagesOf, queryOf, tasksAddress } from "../../assets/addresses.js";

const asked = (search) => new URL(tasksAddress(queryOf(search), 100), "http://x").searchParams;

test("the archived tasks are asked for together with search, state and sort", () => {
  const words = asked("?q=bert&status=failed&sort=title&archived=1");
  assert.deepEqual(Object.fromEntries(words), {
    q: "bert",
    status: "failed",
    sort: "title",
    archived: "true",
    limit: "100",
    offset: "0",
  });
});

test("unless the address says so the archived tasks are left out", () => {
  for (const search of ["", "?archived=0", "?archived=", "?archived=yes"]) assert.equal(asked(search).has("archived"), false);
});

test("more rows than the server gives at once are asked for in pages", () => {
  const asked = (count) => pagesOf(count).map(({ limit, offset }) => [limit, offset]);
  assert.deepEqual(asked(100), [[100, 0]]);
  assert.deepEqual(asked(1000), [[1000, 0]]);
  assert.deepEqual(asked(2100), [
    [1000, 0],
    [1000, 1000],
    [100, 2000],
  ]);
});
