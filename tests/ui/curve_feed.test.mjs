import assert from "node:assert/strict";
import { test } from "node:test";
import { curveFrom } from "../../assets/curve.js";
import { feedCurve } from "../../assets/curve_feed.js";

const column = (steps) => ({ steps, values: steps.map((s) => 1 / s), epochs: steps.map(() => null), times: [...steps], flags: {} });
const frame = (fromRevision, toRevision, steps) => ({ attempt: 1, fromRevision, toRevision, points: steps && { loss: column(steps) } });

/** A feed on a server that holds `steps` at `revision`; `change` moves the server on. */
function feeding(steps, revision) {
  const server = { steps, revision, fails: false };
  const seen = { curves: 0, points: [], asked: [] };
  const feed = feedCurve({
    name: "loss",
    attempt: 1,
    async fetch() {
      if (server.fails) throw new Error("no server");
      return curveFrom({ attempt: 1, revision: server.revision, ...column([...server.steps]) });
    },
    refetch: (load) => seen.asked.push(load),
    onCurve: () => (seen.curves += 1),
    onPoints: (points) => seen.points.push(...points.steps),
  });
  return { feed, seen, server };
}

test("points that continue the curve are added to it", async () => {
  const { feed, seen } = feeding([1, 2], 2);
  await feed.load();
  feed.take(frame(2, 3, [3]));
  feed.take(frame(3, 4, [4]));
  assert.deepEqual([feed.curve().steps, seen.points, seen.asked.length], [[1, 2, 3, 4], [3, 4], 0]);
});

test("a frame without points, and one after a lost one, ask for the curve", async () => {
  const { feed, seen } = feeding([1, 2], 2);
  await feed.load();
  feed.take(frame(2, 3, null));
  feed.take(frame(7, 8, [8]));
  assert.equal(seen.asked.length, 2);
  assert.deepEqual(feed.curve().steps, [1, 2]);
});

test("what was fetched already is not asked for again", async () => {
  const { feed, seen } = feeding([1, 2, 3], 9);
  await feed.load();
  feed.take(frame(8, 9, null));
  assert.equal(seen.asked.length, 0);
});

test("frames that come while the curve is fetched are taken in afterwards, their repeats left out", async () => {
  const { feed, seen } = feeding([1, 2, 3], 3);
  const loaded = feed.load();
  feed.take(frame(1, 4, [2, 3, 4]));
  feed.take(frame(4, 5, [5]));
  await loaded;
  assert.deepEqual(feed.curve().steps, [1, 2, 3, 4, 5]);
  assert.equal(seen.asked.length, 0);
});

test("late points that come while the curve is fetched make it fetched once more, so that the newest arrives in the end", async () => {
  const { feed, seen, server } = feeding([1, 3], 2);
  const loaded = feed.load();
  feed.take(frame(2, 3, null));
  await loaded;
  assert.equal(seen.asked.length, 1);
  Object.assign(server, { steps: [1, 2, 3], revision: 3 });
  await seen.asked[0]();
  assert.deepEqual(feed.curve().steps, [1, 2, 3]);
});

test("a fetch that failed is asked for again", async () => {
  const { feed, seen, server } = feeding([1], 1);
  server.fails = true;
  await feed.load();
  assert.deepEqual([seen.curves, seen.asked.length], [0, 1]);
});

test("after its end a feed shows nothing more", async () => {
  const { feed, seen } = feeding([1], 1);
  const loaded = feed.load();
  feed.end();
  await loaded;
  assert.equal(seen.curves, 0);
});

test("a frame without the series moves the curve's revision on", async () => {
  const { feed, seen } = feeding([1], 1);
  await feed.load();
  feed.take({ attempt: 1, fromRevision: 1, toRevision: 2, points: { accuracy: column([2]) } });
  feed.take(frame(2, 3, [2]));
  assert.deepEqual([feed.curve().steps, seen.asked.length], [[1, 2], 0]);
});

test("of two fetches whose answers overtake each other the newer curve stays", async () => {
  const answers = [];
  const feed = feedCurve({
    name: "loss",
    attempt: 1,
    fetch: () => new Promise((resolve) => answers.push(resolve)),
    refetch: () => null,
    onCurve: () => null,
    onPoints: () => null,
  });
  const [first, second] = [feed.load(), feed.load()];
  answers[1](curveFrom({ attempt: 1, revision: 2, ...column([1, 2]) }));
  await second;
  answers[0](curveFrom({ attempt: 1, revision: 1, ...column([1]) }));
  await first;
  assert.deepEqual(feed.curve().steps, [1, 2]);
});
