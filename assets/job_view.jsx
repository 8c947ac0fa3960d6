import { useNow } from "./clock.jsx";
import { duration, parseTime } from "./format.js";
import { Icon } from "./icons.jsx";
import { canStart, mayRun, subtitle } from "./job.js";
import { isEnded } from "./liveness.js";
import { useSteady } from "./steady.js";
import { useStore } from "./store.js";
import { expect, task } from "./task.js";

const useRow = () => useStore(task, (value) => value.row);

/** What the job trains, in one line; `expected` keeps its room until it is known. */
export function JobSubtitle({ expected }) {
  const job = useStore(task, (value) => value.job);
  return job || expected ? <p className="task-subtitle num">{job ? subtitle(job) : "\u00a0"}</p> : null;
}

/** The one thing that can be done to a job now: start it, take its start back, or stop it. It keeps its room until the visitor is `known`. */
export function JobControl(props) {
  const row = useRow();
  return row?.isJob ? <Control row={row} {...props} /> : null;
}

/** What a click on it does now; of each stage of stopping it is another thing. */
function meaningOf(row) {
  if (isEnded(row)) return "nothing";
  if (row.isWaiting) return "take back";
  if (row.stopRequested) return `hurry ${row.stopStage ?? ""}`;
  return canStart(row) ? "start" : "stop";
}

function Control({ row, known, simulate, operate, onStart, onStop }) {
  const steady = useSteady(meaningOf(row));
  if (isEnded(row)) return null;
  const mine = mayRun(row, { simulate, operate });
  if (row.isWaiting) return <Waiting row={row} steady={steady} onStop={mine ? onStop : null} />;
  if (row.stopRequested) return <Stopping row={row} steady={steady} onStop={mine ? onStop : null} />;
  if (known && !mine) return null;
  return (
    <div className={known ? "" : "is-awaited"}>
      {canStart(row) ? <Start row={row} steady={steady} onStart={onStart} /> : <Stop row={row} steady={steady} onStop={onStop} />}
    </div>
  );
}

function Start({ row, steady, onStart }) {
  const start = () => {
    expect({ isWaiting: true });
    onStart(row.id);
  };
  return (
    <button type="button" className="button is-primary is-main" {...steady(start)}>
      <Icon name="running" size={14} /> Start Training
    </button>
  );
}

function Waiting({ row, steady, onStop }) {
  const takeBack = () => {
    expect({ isWaiting: false });
    onStop(row.id, "");
  };
  return (
    <div className="stage" role="status">
      <span>Waiting for its turn</span>
      {onStop ? (
        <button type="button" className="button is-small" {...steady(takeBack)}>
          Take back
        </button>
      ) : null}
    </div>
  );
}

function Stop({ row, steady, onStop }) {
  const stop = () => {
    expect({ stopRequested: true });
    onStop(row.id, "");
  };
  return (
    <button type="button" className="button is-danger is-filled is-main" {...steady(stop)}>
      <Icon name="stop" size={14} /> Stop Training
    </button>
  );
}

const STAGES = {
  interrupting: { said: "Asked to stop (SIGINT)", next: "SIGTERM" },
  terminating: { said: "Told to end (SIGTERM)", next: "SIGKILL" },
  killing: { said: "Ending what is left (SIGKILL)" },
};

/** Which stage of stopping it is in, and when the next one begins; who cannot wait ends it at once. A click that comes late, or twice, ends no other one. */
function Stopping({ row, steady, onStop }) {
  const now = useNow();
  const { said, next } = STAGES[row.stopStage] ?? { said: "Stopping…" };
  const ends = parseTime(row.stopStageEndsAt);
  const unheard = !row.stopStage && row.source !== "simulated";
  return (
    <div className="stage is-stopping">
      <span role="status">{said}</span>
      {next && ends && now ? <span className="num stage-next">{`${next} in ${duration((ends - now) / 1000)}`}</span> : null}
      {onStop && (next || unheard) ? (
        <button type="button" className="button is-small" {...steady(() => onStop(row.id, next ? row.stopStage : ""))}>
          {next ? "Do not wait" : "Ask again"}
        </button>
      ) : null}
    </div>
  );
}
