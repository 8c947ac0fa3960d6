import assert from "node:assert/strict";
import { test } from "node:test";
import { nextPath } from "../../assets/next_path.js";

const HERE = "http://localhost:62222";
const asked = (next) => `?${new URLSearchParams({ next, why: "ended" })}`;

test("a path of this site is gone to, with its query", () => {
  assert.deepEqual(["/tasks/7", "/?q=bert&sort=eta", "/settings"].map((next) => nextPath(asked(next))), ["/tasks/7", "/?q=bert&sort=eta", "/settings"]);
});

test("without a next it is the dashboard", () => assert.deepEqual(["", "?why=ended", "?next="].map(nextPath), ["/", "/", "/"]));

const ELSEWHERE = [
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/tasks\\..\\\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/\u0000",
  "/a\u007f",
  "https://evil.example",
  "javascript:alert(1)",
  "data:text/html,hello",
  " /tasks/7",
  "tasks/7",
  "?next=/",
];

for (const next of ELSEWHERE) {
  test(`${JSON.stringify(next)} leads to the dashboard`, () => assert.equal(nextPath(asked(next)), "/"));
}

test("whatever is gone to is of this site", () => {
  const pieces = ["/", "//", "\\", ".", "..", "@", ":", "evil.example", "%2f", "%5c", "\t", "\r", "?", "#", "http:", "é"];
  for (const a of pieces) for (const b of pieces) for (const c of pieces) for (const d of pieces) {
    assert.equal(new URL(nextPath(asked(`/${a}${b}${c}${d}`)), HERE).origin, HERE);
  }
});
