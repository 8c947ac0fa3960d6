// The whole script of the sign-in page (trainwatch/api/sign_in_page.py). It stands in the head, so that nothing is drawn twice.
import { nextPath } from "./next_path.js";

const root = document.documentElement;
const query = new URLSearchParams(window.location.search);
const next = nextPath(window.location.search);
const token = window.location.hash.slice(1);

const chosen = read("theme");
const isDark = chosen === "dark" || (chosen !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
root.classList.add(isDark ? "dark" : "light");

// The token is gone from the address and the history before anything else can see it.
if (token) window.history.replaceState(null, "", window.location.pathname + window.location.search);
root.dataset.state = token ? "waiting" : "asking";

// A link that is pasted over this page's own address is no new page to the browser.
window.addEventListener("hashchange", () => window.location.reload());

// What this tab was shown before is not for whoever signs in now; the page's framework finds it again by this name.
forget("token");

document.addEventListener("DOMContentLoaded", () => {
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  for (const link of document.querySelectorAll("[data-next]")) link.href = next;
  part("ended").hidden = query.get("why") !== "ended";
  part("copy").addEventListener("click", () => copy(part("command"), part("copy")));
  part("form")?.addEventListener("submit", withPassword);
  if (token) withLink();
  else part("form")?.elements.name.focus();

  async function withLink() {
    const refusal = await send({ link: token });
    if (refusal === null) return;
    root.dataset.state = "asking";
    say(
      part("refusal"),
      refusal.status === 401
        ? "This link was used already, or it is older than 10 minutes. Make another one as it says below; each signs one browser in, once."
        : refusal.words,
    );
    part("ended").hidden = true;
    part("title").focus();
  }

  async function withPassword(event) {
    event.preventDefault();
    const { name, password } = event.target.elements;
    const button = event.submitter ?? event.target.querySelector("button");
    if (button.getAttribute("aria-disabled") === "true") return;
    const missing = [name, password].find((field) => !field.value);
    if (missing) {
      say(part("problem"), missing === name ? "Type your name." : "Type your password.");
      missing.focus();
      return;
    }
    say(part("problem"), "");
    is(button, true);
    const [at, typed] = [document.activeElement, password.value];
    const refusal = await send({ name: name.value, password: typed });
    if (refusal === null) return;
    is(button, false);
    say(part("problem"), refusal.status === 401 ? "The name or the password is wrong." : refusal.words);
    if (document.activeElement === at && password.value === typed) password.select(); // else somebody has gone on
  }
});

/** Ask to be signed in and, if that is so, go on. Otherwise return the status and what to say. */
async function send(proof) {
  try {
    const answer = await fetch("/api/sign-in", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(proof),
    });
    if (answer.ok) {
      window.location.replace(next);
      return null;
    }
    const body = await answer.json().catch(() => null);
    return { status: answer.status, words: answer.status === 429 ? wait(answer) : wordsOf(answer, body) };
  } catch {
    return { status: 0, words: "The server cannot be reached. Try again in a moment." };
  }
}

const wordsOf = (answer, body) => body?.error?.message ?? `The server answered ${answer.status}. Try again in a moment.`;

function wait(answer) {
  const seconds = Math.max(1, Number(answer.headers.get("Retry-After")) || 60);
  const [count, unit] = seconds < 100 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return `Too many attempts. Wait ${count} ${unit}${count === 1 ? "" : "s"}, then try again.`;
}

function say(place, words) {
  place.textContent = words;
  place.hidden = !words;
}

/** Whether a button works at something; it keeps the focus meanwhile. */
function is(button, busy) {
  button.setAttribute("aria-disabled", String(busy));
  button.textContent = busy ? "Signing in…" : "Sign in";
}

async function copy(from, button) {
  try {
    await navigator.clipboard.writeText(from.textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  } catch {
    // Browsers lend the clipboard to secure pages only: leave the text selected, ready for the keyboard.
    window.getSelection().selectAllChildren(from);
  }
}

function read(name) {
  try {
    return window.localStorage.getItem(name);
  } catch {
    return null;
  }
}

function forget(name) {
  try {
    window.sessionStorage.removeItem(name);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}
