/** Return a function that runs `job` at once, then at most once per `ms` and never twice at a time; the last call is never lost. */
export function atMostEvery(ms, job) {
  let busy = false;
  let again = false;
  const run = async () => {
    busy = true;
    again = false;
    await Promise.allSettled([job(), new Promise((done) => setTimeout(done, ms))]);
    busy = false;
    if (again) run();
  };
  return () => {
    if (busy) again = true;
    else run();
  };
}

/** Return a function that takes jobs; all that are owed run together, in rounds at most once per `ms`. */
export function inRounds(ms) {
  const owed = new Set();
  const round = atMostEvery(ms, () => {
    const jobs = [...owed];
    owed.clear();
    return Promise.allSettled(jobs.map((job) => job()));
  });
  return (job) => {
    owed.add(job);
    round();
  };
}
