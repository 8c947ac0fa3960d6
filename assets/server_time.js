let offset = 0;
let heard = null;
let stoppedAt = null;

/** The browser's clock may be wrong by hours; deadlines are the server's. A page that opens hears the last word again, which is old by then. */
export function setServerNow(ms) {
  if (!ms || ms === heard) return;
  heard = ms;
  offset = ms - Date.now();
}

export const serverNow = () => stoppedAt ?? Date.now() + offset;

/**
 * Let the clock stand at a moment, or go on if that is null. Without the server nothing is heard of any task, which must not look as if
 * the tasks had fallen silent.
 */
export function stopClock(at) {
  stoppedAt = at;
}
