import assert from "node:assert/strict";
import { test } from "node:test";
import { queryOf, tasksAddress } from "../../assets/addresses.js";

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
