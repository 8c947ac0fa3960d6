/** Runs jobs one after another, oldest first, so that together they take at most `share` of the thread; the first at once. */
export function createPacer(share, now = () => performance.now()) {
  const waiting = new Set();
  let timer = null;
  let freeAt = 0;
  const run = () => {
    timer = null;
    const [job] = waiting;
    if (!job) return;
    waiting.delete(job);
    const began = now();
    job();
    freeAt = now() + (now() - began) * (1 / share - 1);
    if (waiting.size > 0) timer = setTimeout(run, freeAt - now());
  };
  return {
    ask(job) {
      waiting.add(job);
      if (timer !== null) return;
      if (now() >= freeAt) run();
      else timer = setTimeout(run, freeAt - now());
    },
    forget(job) {
      waiting.delete(job);
    },
  };
}
