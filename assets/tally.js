/**
 * Counts the frames of one room. React shows only the later of two that arrive between two renders;
 * each carries its number and that of the one before, so the loss is seen.
 */
export function createTally() {
  let last = null;
  return {
    begin(sent) {
      last = sent;
    },
    /** Take in a frame; true if one before it never came. */
    missed({ seq, prev }) {
      const lost = last !== null && prev > last;
      last = Math.max(last ?? 0, seq);
      return lost;
    },
  };
}
