import assert from "node:assert/strict";
import { test } from "node:test";
import { dress } from "../../assets/ansi.js";

test("plain text is left alone", () => assert.equal(dress({ t: "x" }), null));

test("a named colour is the theme's own", () => {
  assert.deepEqual(dress({ t: "x", fg: 9, bold: true }), { className: "ansi-bold", style: { color: "var(--ansi-9)" } });
});

test("any other colour is kept readable by the style sheet", () => {
  assert.deepEqual(dress({ t: "x", fg: 208 }), { className: "ansi-true", style: { "--ansi-true": "rgb(255 135 0)" } });
  assert.equal(dress({ t: "x", fg: 244 }).style["--ansi-true"], "rgb(128 128 128)");
  assert.equal(dress({ t: "x", fg: "#010203" }).style["--ansi-true"], "#010203");
});

test("upon a background both colours are what the program said", () => {
  assert.deepEqual(dress({ t: "x", fg: 15, bg: "#010203" }).style, { background: "#010203", color: "#ffffff" });
});

test("upon a background alone the text can be read, whatever the theme", () => {
  const upon = (bg) => dress({ t: "x", bg }).style.color;
  assert.deepEqual([0, 1, 4, 16, 232, "#203040"].map(upon), Array(6).fill("#ffffff"));
  assert.deepEqual([3, 7, 15, 231, 255, "#ffee00"].map(upon), Array(6).fill("#000000"));
  assert.deepEqual(dress({ t: "x", fg: 4, inverse: true }).style, { background: "#3465d9", color: "#ffffff" });
});

test("inverse text changes places with its background", () => {
  assert.deepEqual(dress({ t: "x", inverse: true }).style, { background: "var(--text)", color: "var(--raised)" });
  assert.deepEqual(dress({ t: "x", fg: 15, bg: 0, inverse: true }).style, { background: "#ffffff", color: "#000000" });
});
