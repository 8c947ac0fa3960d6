// What the build gives the scripts and Node does not: import it first, then the script with `await import(…)`.
import { registerHooks } from "node:module";

globalThis.window = {};

registerHooks({
  resolve: (name, context, next) =>
    name === "react" ? { url: "data:text/javascript,export const useSyncExternalStore = null;", shortCircuit: true } : next(name, context),
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith("/assets/api.js")) return loaded;
    return { ...loaded, source: String(loaded.source).replace("import.meta.env.BASE_URL", '"/"') };
  },
});

/** Let `fetch` wait for the test, which answers each request when it wants to: `asked` has them in order. */
export function holdFetch() {
  const asked = [];
  globalThis.fetch = (path) =>
    new Promise((resolve) => {
      asked.push({ path, answer: (body) => resolve({ ok: true, status: 200, json: async () => body }) });
    });
  return asked;
}

/** Let everything run that waits for nothing but its turn. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
