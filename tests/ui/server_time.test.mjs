import assert from "node:assert/strict";
import { test } from "node:test";
import { serverNow, setServerNow } from "../../assets/server_time.js";

const HOUR_MS = 3_600_000;

test("the server's time goes on from what it said, also when a page that opens later hears the same again", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 0 });
  setServerNow(5000);
  t.mock.timers.setTime(HOUR_MS);
  assert.equal(serverNow(), HOUR_MS + 5000);
  setServerNow(5000);
  assert.equal(serverNow(), HOUR_MS + 5000);
  setServerNow(HOUR_MS + 7000);
  assert.equal(serverNow(), HOUR_MS + 7000);
});
