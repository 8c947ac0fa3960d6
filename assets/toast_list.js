import { createStore } from "./store.js";

/** The notifications that stand over whatever page is open, the oldest first; the ids of those that are looked at. */
export const toasts = createStore({ shown: [], pointed: null, focused: null });

export const pointAt = (pointed) => toasts.set({ pointed });

export const focusOn = (focused) => toasts.set({ focused });

const seen = new Set();

/** Those of `notes` that were not shown yet; from now on they count as shown. */
export function unseen(notes) {
  const fresh = notes.filter((note) => !seen.has(note.id));
  fresh.forEach((note) => seen.add(note.id));
  return fresh;
}

export const add = (notes) => notes.length && toasts.set({ shown: [...toasts.get().shown, ...notes] });

export const close = (id) => toasts.set({ shown: toasts.get().shown.filter((note) => note.id !== id) });

export const closeAll = () => toasts.set({ shown: [] });
