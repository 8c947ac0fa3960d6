import { canDelete, canStart, canStop, mayRun } from "./job.js";
import { overview } from "./overview.js";
import { createStore, useStore } from "./store.js";

/** The jobs that somebody has chosen of the list; `doomed` are those that a question is about, as they were when it was asked. */
export const selection = createStore({ picked: new Set(), doomed: { ids: [], rows: [], kept: 0 } });

export function pick(id, on) {
  const picked = new Set(selection.get().picked);
  if (on) picked.add(id);
  else picked.delete(id);
  selection.set({ picked });
}

export const pickAll = (on) => selection.set({ picked: new Set(on ? overview.get().ids : []) });

/** Those that are chosen and still on the page: all of them, and those that can be started, stopped and deleted. */
function chosenOf(picked, { ids, rows }, simulate, operate) {
  const may = { simulate, operate };
  const all = ids.filter((id) => picked.has(id));
  const those = (can) => all.filter((id) => can(rows.get(id)));
  return {
    all,
    isEach: all.length === ids.length,
    starting: those((row) => canStart(row) && mayRun(row, may)),
    stopping: those((row) => canStop(row) && mayRun(row, may)),
    deleting: those(canDelete),
  };
}

export function useChosen(simulate, operate) {
  const picked = useStore(selection, (value) => value.picked);
  const ids = useStore(overview, (value) => value.ids);
  const rows = useStore(overview, (value) => value.rows);
  return chosenOf(picked, { ids, rows }, simulate, operate);
}

/** Ask about the rows that can be deleted now, by the dialog of that id: one that ends meanwhile is not meant. */
export function askToDelete(dialog) {
  const { rows } = overview.get();
  const { all, deleting } = chosenOf(selection.get().picked, overview.get(), true, true);
  selection.set({ doomed: { ids: deleting, rows: deleting.map((id) => rows.get(id)), kept: all.length - deleting.length } });
  document.getElementById(dialog).showModal();
}

/** A ref for the box that chooses all: neither on nor off while some are chosen. */
export const partly = (some) => (box) => {
  if (box) box.indeterminate = some;
};
