import assert from "node:assert/strict";
import { test } from "node:test";
import { nonfiniteText, nonfiniteValue } from "../../assets/nonfinite.js";

const row = { metrics: { loss: null, accuracy: 0.5, grad_norm: null }, nonfinite: { loss: "nan", grad_norm: "-inf" } };

test("what is not finite is said in its own sign, and of what it is", () => {
  assert.equal(nonfiniteValue(row, "loss"), "NaN");
  assert.equal(nonfiniteValue(row, "grad_norm"), "−∞");
  assert.equal(nonfiniteText(row), "loss is NaN, grad_norm is −∞");
});

test("nothing is said of what is finite or was never told", () => {
  assert.equal(nonfiniteValue(row, "accuracy"), null);
  assert.equal(nonfiniteValue(null, "loss"), null);
  assert.equal(nonfiniteText({ metrics: { loss: 1 }, nonfinite: {} }), "");
});
