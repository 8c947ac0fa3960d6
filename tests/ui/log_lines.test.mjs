import assert from "node:assert/strict";
import { test } from "node:test";
import { culprit, EMPTY_LOG, goesAlong, piecesOf, placeOf, rowAt, rowsOf, take, topsOf, trim, widthOf } from "../../assets/log_lines.js";

const line = (n, text = `line ${n}`) => ({ n, spans: [{ t: text }] });
const range = (from, to) => Array.from({ length: to - from }, (_, i) => line(from + i));
const answer = (lines, more = {}) => ({ numbering: "whole", next: null, total: null, staleFrom: null, missing: [], lines, ...more });
const of = (...lines) => take(EMPTY_LOG, answer(lines, { total: (lines.at(-1)?.n ?? -1) + 1, next: 9 }));
const numbers = (log) => log.lines.map(({ n }) => n);

test("lines that are told again replace what they were", () => {
  const log = take(of(line(0), line(1, "10%")), answer([line(1, "20%"), line(2)], { next: 20, total: 3 }));
  assert.deepEqual(log.lines.map(({ text }) => text), ["line 0", "20%", "line 2"]);
  assert.deepEqual([log.next, log.total], [20, 3]);
});

test("earlier lines are put before those that are there, and the end stays known", () => {
  const log = take(of(line(7), line(8)), answer(range(2, 5)));
  assert.deepEqual(numbers(log), [2, 3, 4, 7, 8]);
  assert.deepEqual([log.next, log.total], [9, 9]);
});

test("of what was skipped nothing is believed that may have changed meanwhile", () => {
  const log = take(of(...range(0, 10)), answer(range(50, 52), { staleFrom: 8, next: 99, total: 52 }));
  assert.deepEqual(numbers(log), [0, 1, 2, 3, 4, 5, 6, 7, 50, 51]);
});

test("lines that are counted anew begin a log anew", () => {
  assert.deepEqual(numbers(take(of(...range(0, 5)), answer(range(2, 4), { numbering: "8-9" }))), [2, 3]);
});

test("a hole is a row of its own, at the beginning, between lines and at the end", () => {
  const log = { ...of(line(2), line(3), line(6)), total: 9 };
  assert.deepEqual(
    rowsOf(log).map(({ n, from, to }) => (from === undefined ? n : [from, to])),
    [[0, 2], 2, 3, [4, 6], 6, [7, 9]],
  );
});

test("what is not kept is told from what was not fetched yet", () => {
  const log = { ...of(line(0), line(9)), missing: [{ from: 3, to: 5, bytes: 700 }] };
  assert.deepEqual(
    rowsOf(log).slice(1, -1).map(({ from, to, bytes }) => [from, to, bytes]),
    [[1, 3, undefined], [3, 5, 700], [5, 9, undefined]],
  );
});

test("too many lines are held no longer, and those around the reader are kept", () => {
  const log = of(...range(0, 30_000));
  const [start, end] = [trim(log, 0), trim(log, Infinity)];
  assert.deepEqual([start.lines.length, start.lines[0].n], [15_000, 0]);
  assert.deepEqual([end.lines.length, end.lines.at(-1).n], [15_000, 29_999]);
  const middle = numbers(trim(log, 15_000));
  assert.ok(middle[0] < 15_000 && middle.at(-1) > 15_000);
  const few = of(...range(0, 10));
  assert.equal(trim(few, 0), few);
});

test("only who comes down to the end goes along with it, and any step up ends that", () => {
  const [goingAlong, comingDown] = [true, true];
  assert.equal(goesAlong(!goingAlong, comingDown, 20), true);
  assert.equal(goesAlong(!goingAlong, comingDown, 30), false);
  assert.equal(goesAlong(goingAlong, !comingDown, 3), false);
  assert.equal(goesAlong(goingAlong, !comingDown, 900), false);
});

test("a log that becomes shorter leaves its reader as he was: along with the end, or not", () => {
  const cameDown = false;
  assert.equal(goesAlong(true, cameDown, 0.6), true);
  assert.equal(goesAlong(false, cameDown, 0.6), false);
});

test("a wrapped line is as high as its text is long", () => {
  const rows = of(line(0, ""), line(1, "x".repeat(10)), line(2, "x".repeat(11)), line(3, "界".repeat(6))).lines;
  assert.deepEqual([...topsOf(rows, 10)], [0, 1, 2, 4, 6]);
  assert.deepEqual([...topsOf(rows, null)], [0, 1, 2, 3, 4]);
  assert.deepEqual([0, 1.5, 2, 3.9, 4, 99].map((top) => rowAt(topsOf(rows, 10), top)), [0, 1, 2, 2, 3, 3]);
});

test("tabs go to the next stop, and what is wide takes two columns", () => {
  assert.deepEqual(["abc", "\tx", "ab\tx", "日本", "é", ""].map(widthOf), [3, 9, 9, 4, 1, 0]);
});

test("a text is found across colours, whatever its capitals", () => {
  const [it] = take(EMPTY_LOG, answer([{ n: 0, spans: [{ t: "a nee", fg: 1 }, { t: "dle, a Needle" }] }])).lines;
  assert.deepEqual(
    piecesOf(it, "NEEDLE").map(({ t, fg, found }) => [t, fg, found]),
    [["a ", 1, false], ["nee", 1, true], ["dle", undefined, true], [", a ", undefined, false], ["Needle", undefined, true]],
  );
  assert.equal(piecesOf(it, ""), it.spans);
  assert.equal(piecesOf(it, "other"), it.spans);
});

test("the line that a failure's reason quotes is found, the last of them", () => {
  const { lines } = of(line(0, "ValueError: boom"), line(1, "  ValueError: boom"), line(2, ""), line(3, "bye"));
  assert.equal(culprit(lines, "exit code 1: ValueError: boom"), 1);
  assert.equal(culprit(lines, "exit code 1"), null);
  assert.equal(culprit(lines, null), null);
});

test("a place is found by the number of its line", () => {
  const { lines } = of(line(2), line(4), line(6));
  assert.deepEqual([0, 2, 3, 6, 7].map((n) => placeOf(lines, n)), [0, 0, 1, 2, 3]);
});
