import assert from "node:assert/strict";
import { test } from "node:test";
import "./vite.mjs";

const { attempted, asOfText, connection, probe, SILENCE_MS } = await import("../../assets/connection.js");
const { serverNow, setServerNow } = await import("../../assets/server_time.js");
const { onSocketConnect, onSocketDisconnect } = window.__reflex_otel;

const START = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A test that begins connected, with the server's clock an hour ahead; `wait(ms)` lets time pass. */
function connected(name, check) {
  test(name, (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: START });
    setServerNow(START + 3_600_000);
    attempted(false);
    onSocketConnect();
    check((ms) => t.mock.timers.tick(ms));
  });
}

connected("while the connection is lost the clock stands at the moment when it was closed", (wait) => {
  onSocketDisconnect("transport close");
  wait(5000);
  assert.deepEqual(connection.get(), { lost: true, asOf: START + 3_600_000, blocked: false });
  assert.equal(serverNow(), START + 3_600_000);
  onSocketConnect();
  assert.deepEqual(connection.get(), { lost: false, asOf: null, blocked: false });
  assert.equal(serverNow(), START + 5000 + 3_600_000);
});

connected("after a silence the clock goes back to when the server was heard last", (wait) => {
  wait(SILENCE_MS);
  onSocketDisconnect("ping timeout");
  assert.equal(connection.get().asOf, START + 3_600_000);
  assert.equal(serverNow(), START + 3_600_000);
});

connected("attempts that fail change nothing of when it was lost", (wait) => {
  onSocketDisconnect("transport close");
  wait(5000);
  attempted(true);
  assert.equal(connection.get().asOf, START + 3_600_000);
  onSocketConnect();
  assert.ok(connection.get().lost);
  attempted(false);
  assert.ok(!connection.get().lost);
});

connected("what is shown is as of a time of day, to the second", () => {
  assert.equal(asOfText(connection.get()), null);
  onSocketDisconnect("transport close");
  assert.match(asOfText(connection.get()), /^as of \d\d:\d\d:\d\d$/);
});

for (const [words, answer, blocked] of [
  ["answers although it takes no socket", { ok: true }, true],
  ["is behind a proxy that does not reach it", { ok: false, status: 502 }, false],
  ["cannot be reached", null, false],
])
  test(`a server that ${words} is told from others`, async (t) => {
    t.mock.method(globalThis, "fetch", () => (answer ? Promise.resolve(answer) : Promise.reject(new TypeError())));
    onSocketDisconnect("transport close");
    await probe();
    assert.equal(connection.get().blocked, blocked);
    onSocketConnect();
    assert.ok(!connection.get().blocked);
  });

test("an answer that comes when the connection stands again changes nothing", async (t) => {
  t.mock.method(globalThis, "fetch", () => Promise.resolve({ ok: true }));
  onSocketDisconnect("transport close");
  const probing = probe();
  onSocketConnect();
  await probing;
  assert.deepEqual(connection.get(), { lost: false, asOf: null, blocked: false });
});
