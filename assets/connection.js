import { address } from "./api.js";
import { exactClock } from "./format.js";
import { serverNow, stopClock } from "./server_time.js";
import { createStore, useStore } from "./store.js";

/** The server is heard at least this often, as ping_interval and ping_timeout in trainwatch/ui/app.py have it. */
export const SILENCE_MS = 10_000;

/**
 * Whether the connection is lost; `asOf` is the moment (ms) until which what the page shows was known to be true. It is `blocked` if the
 * server answers and yet takes no socket, as behind a proxy that does not pass them on.
 */
export const connection = createStore({ lost: false, asOf: null, blocked: false });

const signs = { closed: false, failing: false };

/** Take in a sign of a lost connection, or of its end; the server was heard last `silentMs` ago. */
function note(sign, silentMs = 0) {
  Object.assign(signs, sign);
  const lost = signs.closed || signs.failing;
  if (lost === connection.get().lost) return;
  const asOf = lost ? serverNow() - silentMs : null;
  stopClock(asOf);
  if (typeof document !== "undefined") document.documentElement.toggleAttribute("data-stale", lost);
  connection.set({ lost, asOf, blocked: false });
}

/** Find out whether the server answers although it takes no socket. */
export async function probe() {
  const answer = await fetch(address("/favicon.svg"), { cache: "no-store" }).catch(() => null);
  if (connection.get().lost) connection.set({ blocked: Boolean(answer?.ok) });
}

/** The last attempt to connect has failed, or one has succeeded since. */
export const attempted = (failing) => note({ failing });

// Reflex has these hooks for a tracer. Without them a lost connection is known only once another one has failed, which may take 20 s.
if (typeof window !== "undefined") {
  window.__reflex_otel = {
    ...window.__reflex_otel,
    onSocketConnect: () => note({ closed: false }),
    onSocketDisconnect: (reason) => note({ closed: true }, reason === "ping timeout" ? SILENCE_MS : 0),
  };
}

/** "as of 14:32:07" while the connection is lost, else null. */
export const asOfText = ({ lost, asOf }) => (lost ? `as of ${exactClock(asOf, Date.now())}` : null);

export const useAsOf = () => useStore(connection, asOfText);
