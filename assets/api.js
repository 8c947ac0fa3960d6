// Vite bakes the path prefix under which the page is served into BASE_URL.
const BASE = import.meta.env.BASE_URL.replace(/\/$/, "");

export const address = (path) => BASE + path;

export const absolute = (path) => window.location.origin + address(path);

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const PATIENCE_MS = 15_000;
const HEADERS = { Accept: "application/json" };

/** What early.js has asked for already, once: the page had no socket yet that would tell of changes. */
function asked(path) {
  const answer = window.asked?.get(path);
  window.asked?.delete(path);
  return answer;
}

/** Fetch JSON from this server; throws Refused with the server's own words. */
export async function getJson(path) {
  const answer = (await asked(path)) ?? (await fetch(address(path), { headers: HEADERS, signal: AbortSignal.timeout(PATIENCE_MS) }));
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, body?.error?.message ?? `The server answered ${answer.status}`);
  return body;
}
