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

/** Where to sign in, and to come back to this page. */
export const signInAddress = () => address(`/sign-in?next=${encodeURIComponent(window.location.pathname + window.location.search)}`);

/** Leave for the sign-in, since the session has ended. What this page shows is not to be found by going back. */
export const toSignIn = () => window.location.replace(`${signInAddress()}&why=ended`);

const PATIENCE_MS = 15_000;
const HEADERS = { Accept: "application/json" };

/** What early.js has asked for already, once: the page had no socket yet that would tell of changes. */
function asked(path) {
  const answer = window.asked?.get(path);
  window.asked?.delete(path);
  return answer;
}

/** Whether the same request may well succeed later. */
export const isPassing = ({ status }) => !status || status === 429 || status >= 500;

async function reach(path) {
  try {
    return await fetch(address(path), { headers: HEADERS, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    throw new Refused(0, error.name === "TimeoutError" ? "The server does not answer." : "The server cannot be reached.");
  }
}

/** Fetch JSON from this server; throws Refused with the server's own words. Who is no longer known signs in again. */
export async function getJson(path) {
  const answer = (await asked(path)) ?? (await reach(path));
  if (answer.status === 401) toSignIn();
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, body?.error?.message ?? `The server answered ${answer.status}`);
  return body;
}
