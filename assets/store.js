import { useSyncExternalStore } from "react";

/** The smallest possible store: one immutable value and whoever listens to it. */
export function createStore(initial) {
  let value = initial;
  const listeners = new Set();
  return {
    initial,
    get: () => value,
    set(change) {
      value = { ...value, ...change };
      listeners.forEach((listener) => listener());
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Render again only when what `pick` returns changes. */
export function useStore(store, pick) {
  return useSyncExternalStore(
    store.subscribe,
    () => pick(store.get()),
    () => pick(store.initial),
  );
}
