/** How long a wish is believed without a word from the server. */
export const PATIENCE_MS = 5000;

// When a task was put away is the server's to say.
const agree = (key, told, wished) => (key === "archivedAt" ? !told === !wished : JSON.stringify(told) === JSON.stringify(wished));

/**
 * What the user wished of a task and the server has not confirmed: laid over each row that it tells, which may be older than the wish.
 * A wish ends when the server agrees, when the task has started or ended since, and after a while in any case.
 */
export function createPending() {
  const wishes = new Map();
  const isOver = ({ value, since, until }, key, told, now) =>
    now >= until || told.status !== since.status || (told.revision > since.revision && agree(key, told[key], value));
  return {
    /** Wish for `change`, where the server last told the row `since`; `now` in ms. */
    wish(since, change, now) {
      for (const [key, value] of Object.entries(change)) wishes.set(key, { value, since, until: now + PATIENCE_MS });
    },
    /** Return the row that the server told, as the user wishes it. */
    over(told, now) {
      for (const [key, wish] of wishes) if (isOver(wish, key, told, now)) wishes.delete(key);
      return wishes.size === 0 ? told : { ...told, ...Object.fromEntries([...wishes].map(([key, { value }]) => [key, value])) };
    },
    forget: () => wishes.clear(),
  };
}
