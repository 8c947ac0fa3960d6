const FIRST_MS = 1000;
const MOST_MS = 15_000;

/** Runs `job` again after each time that it has `failed`, later each time, until it is `done`. */
export function createRetry(job) {
  let timer = null;
  let wait = FIRST_MS;
  const end = () => {
    clearTimeout(timer);
    timer = null;
  };
  return {
    failed() {
      end();
      timer = setTimeout(job, wait);
      wait = Math.min(2 * wait, MOST_MS);
    },
    done() {
      end();
      wait = FIRST_MS;
    },
  };
}
