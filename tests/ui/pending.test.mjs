import assert from "node:assert/strict";
import { test } from "node:test";
import { createPending, PATIENCE_MS } from "../../assets/pending.js";

const told = (revision, facts = {}) => ({ revision, status: "running", tags: ["a", "b"], archivedAt: null, ...facts });

/** What is shown of `row` after `change` was wished for over revision 1. */
function wishing(change) {
  const pending = createPending();
  pending.wish(told(1), change, 0);
  return (row, now = 1) => pending.over(row, now);
}

test("a wish stands over every row from before the server heard of it", () => {
  const shown = wishing({ tags: ["b"] });
  assert.deepEqual(shown(told(1)).tags, ["b"]);
  assert.deepEqual(shown(told(2)).tags, ["b"]);
});

test("a wish ends when the server agrees, so that others can change it again", () => {
  const shown = wishing({ tags: ["b"] });
  assert.deepEqual(shown(told(2, { tags: ["b"] })).tags, ["b"]);
  assert.deepEqual(shown(told(3)).tags, ["a", "b"]);
});

test("who takes a change back at once is not shown the change when it arrives", () => {
  const shown = wishing({ tags: ["a", "b"] });
  assert.deepEqual(shown(told(1)).tags, ["a", "b"]);
  assert.deepEqual(shown(told(2, { tags: ["b"] })).tags, ["a", "b"]);
  assert.deepEqual(shown(told(3)).tags, ["a", "b"]);
  assert.deepEqual(shown(told(4, { tags: [] })).tags, []);
});

test("the server says when a task was archived", () => {
  const shown = wishing({ archivedAt: "by this browser's clock" });
  assert.equal(shown(told(2, { archivedAt: "by the server's" })).archivedAt, "by the server's");
});

test("nobody waits for a start that has happened", () => {
  const pending = createPending();
  pending.wish({ revision: 1, status: "queued", isWaiting: false }, { isWaiting: true }, 0);
  assert.equal(pending.over({ revision: 2, status: "queued", isWaiting: false }, 1).isWaiting, true);
  assert.equal(pending.over({ revision: 3, status: "running", isWaiting: false }, 1).isWaiting, false);
});

test("a wish that nobody answers is given up", () => {
  const shown = wishing({ title: "mine" });
  assert.equal(shown(told(2, { title: "old" }), PATIENCE_MS - 1).title, "mine");
  assert.equal(shown(told(2, { title: "old" }), PATIENCE_MS).title, "old");
});

test("wishes for different things stand beside each other until they are forgotten", () => {
  const pending = createPending();
  pending.wish(told(1), { title: "mine" }, 0);
  pending.wish(told(1), { stopRequested: true }, 0);
  assert.deepEqual(pending.over(told(1), 1), { ...told(1), title: "mine", stopRequested: true });
  pending.forget();
  assert.deepEqual(pending.over(told(1), 1), told(1));
});
