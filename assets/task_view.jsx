import { useEffect } from "react";
import { Link, useParams } from "react-router";
import { address } from "./api.js";
import { Ago, ClockTime, setServerNow, useNow } from "./clock.jsx";
import { connection } from "./connection.js";
import { decimals, duration, percent, UNKNOWN } from "./format.js";
import { Icon } from "./icons.jsx";
import { launched } from "./job.js";
import { doneOf, endText, etaText, isEnded, rhythm, secondsRun } from "./liveness.js";
import { useSteady } from "./steady.js";
import { useStore } from "./store.js";
import { applyFrame, overlay, refused, rejoined, reload, show, task } from "./task.js";
import { Badge, Bar, Liveness, NonFinite, Reading, StateBadge } from "./task_parts.jsx";
import { iterations } from "./tracked.js";

/** Feeds the page of one task from the broadcast vars; shows nothing itself. */
export function TaskFeed({ frame, joined, refusals }) {
  const id = Number(useParams().task_id) || null;
  const title = useStore(task, (value) => (value.gone ? "Deleted · TrainWatch" : value.row && titleOf(value.row)));
  useEffect(() => void show(id), [id]);
  useEffect(() => {
    if (!joined?.n) return;
    setServerNow(joined.serverNow);
    rejoined();
  }, [joined]);
  useEffect(() => {
    if (frame?.taskId) applyFrame(frame);
  }, [frame]);
  useEffect(() => {
    if (refusals) refused();
  }, [refusals]);
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
  return null;
}

const titleOf = (row) =>
  `${isEnded(row) || row.progress === null ? "" : `${percent(row.progress)} · `}${row.title} · TrainWatch`;

const useRow = () => useStore(task, (value) => value.row);

/** What is shown of a task, until somebody deletes it. */
export function WhileThere({ children }) {
  const gone = useStore(task, (value) => value.gone);
  const unread = useStore(task, (value) => value.row === null);
  const problem = useStore(task, (value) => value.problem);
  const lost = useStore(connection, (value) => value.lost);
  if (unread && (lost || problem)) return <Unread problem={problem} lost={lost} />;
  return gone ? <Deleted /> : children;
}

/** Nothing is known of it, which must not look like a task without data. */
const Unread = ({ problem, lost }) => (
  <div className="notfound" role="alert">
    <h1>{lost ? "Not connected" : "This task could not be loaded"}</h1>
    <p>{problem || "The server cannot be reached."} The task is shown as soon as that is over.</p>
    <button type="button" className="button is-primary" onClick={reload}>
      Retry
    </button>
    <Link to="/" className="button">
      See all tasks
    </Link>
  </div>
);

function Deleted() {
  const row = useRow();
  return (
    <div className="notfound" role="alert">
      <h1>Deleted</h1>
      <p>“{row?.title}” was deleted, with its points and its history.</p>
      <Link to="/" className="button is-primary">
        See all tasks
      </Link>
    </div>
  );
}

export function ArchivedNote({ children }) {
  const row = useRow();
  if (!row?.archivedAt) return null;
  return (
    <div className="archived">
      <Icon name="archive" />
      <p>
        Archived <Ago at={row.archivedAt} className="num" />. It is in no list; all of its data is here.
      </p>
      {children}
    </div>
  );
}

export function TaskState() {
  const row = useRow();
  if (!row) return <span className="ghost" style={{ width: 180 }} />;
  return (
    <div className="task-state">
      <StateBadge row={row} />
      <NonFinite row={row} />
      <Liveness row={row} full />
    </div>
  );
}

/** Why it failed or was stopped, where nobody can miss it. */
export function TaskReason() {
  const row = useRow();
  // The card of its outcome says it.
  const saidElsewhere = useStore(task, (value) => value.tracked !== null || (value.row?.type === "agent" && !value.loaded));
  if (!row || saidElsewhere || !isEnded(row) || row.status === "complete" || !row.statusReason) return null;
  return (
    <p className={`reason is-${row.status}`}>
      <Icon name={row.status} /> <span>{row.statusReason}</span>
    </p>
  );
}

/** Where it runs and whence it came, in one line. */
export function TaskOrigin() {
  const row = useRow();
  const tracked = useStore(task, (value) => value.tracked);
  if (!row) return <p className="task-origin" />;
  return (
    <p className="task-origin">
      {row.gpu ? (
        <span>
          <Icon name="chip" size={14} /> {row.gpu.name}
          {row.gpu.host ? ` · ${row.gpu.host}` : ""}
        </span>
      ) : null}
      {tracked ? <span>Agent {tracked.agentId}</span> : null}
      {row.startedAt ? (
        <span>
          started <ClockTime at={tracked?.startedAt ?? row.startedAt} className="num" />
        </span>
      ) : null}
      {row.attempt > 1 ? <span>attempt {row.attempt}</span> : null}
      {row.message && row.message !== row.statusReason && !tracked ? <span className="task-message">{row.message}</span> : null}
    </p>
  );
}

/** `part` is "epoch", "steps", "loss" or "accuracy". */
export function TaskFigure({ part }) {
  const row = useRow();
  if (!row) return <span className="num">{UNKNOWN}</span>;
  const name = part === "accuracy" && !("accuracy" in row.metrics) ? "acc" : part;
  return <Reading row={row} name={name} text={FIGURES[part](row)} />;
}

const known = (value) => value !== null && value !== undefined;

const ofTotal = (current, total) => {
  if (!known(current)) return known(total) ? `${UNKNOWN} / ${total}` : UNKNOWN;
  return known(total) ? `${current} / ${total}` : `${current}`;
};

const accuracy = (value) => (known(value) ? `${(value > 1 ? value : value * 100).toFixed(1)}%` : UNKNOWN);

const FIGURES = {
  epoch: (row) => ofTotal(row.currentEpoch, row.totalEpochs),
  steps: (row) => ofTotal(row.currentStep, row.totalSteps),
  loss: (row) => decimals(row.metrics?.loss),
  accuracy: (row) => accuracy(row.metrics?.accuracy ?? row.metrics?.acc),
};

/** Of a task that nobody tracks, as far as is known; a tracked one has more to show. */
export function TaskProgress() {
  const row = useRow();
  const isTracked = useStore(task, (value) => value.tracked !== null || (value.row?.type === "agent" && !value.loaded));
  const now = useNow();
  const done = row ? doneOf(row) : null;
  if (isTracked) return null;
  return (
    <div className="progress">
      <p className="progress-words num">{`${known(done) ? percent(done) : UNKNOWN} complete`}</p>
      {row ? <Bar row={row} label={`Progress of ${row.title}`} /> : <div className="track" />}
      <p className="progress-facts">
        {row?.type === "agent" && iterations(row) ? <strong className="num">{iterations(row)}</strong> : null}
        {row && now ? <Outlook row={row} now={now} /> : <span>&nbsp;</span>}
      </p>
    </div>
  );
}

const ENDINGS = { complete: "Training Complete", failed: "Training Failed", stopped: "Training stopped" };
const ENDINGS_OF_AGENTS = { complete: "Complete", failed: "Failed", stopped: "Stopped" };

const waiting = (row) => (row.isJob && !row.isWaiting ? "Not started yet" : row.isJob ? "Waiting for its turn" : "Waiting to start");

function Outlook({ row, now }) {
  if (isEnded(row)) {
    return (
      <>
        <strong className={`ending is-${row.status}`}>{(row.type === "agent" ? ENDINGS_OF_AGENTS : ENDINGS)[row.status]}</strong>
        <span>
          <ClockTime at={row.finishedAt ?? row.lastUpdated} className="num" />, took{" "}
          <span className="num">{duration(secondsRun(row, now))}</span>
        </span>
      </>
    );
  }
  const eta = etaText(row, now);
  const ends = endText(row, now);
  const run = <span className="num">running for {duration(secondsRun(row, now))}</span>;
  if (eta === null) {
    return (
      <>
        {row.status === "queued" ? <strong>{waiting(row)}</strong> : row.type === "agent" ? null : <strong>Calculating...</strong>}
        {row.status === "queued" ? null : run}
      </>
    );
  }
  return (
    <>
      <strong className="num">{eta}</strong>
      {ends ? (
        <span className="num">{ends}</span>
      ) : (
        <span>
          when last heard, <Ago at={row.lastUpdated} className="num" />
        </span>
      )}
      {run}
    </>
  );
}

export function StopControl({ onStop }) {
  const row = useRow();
  return row && !row.isJob && !isEnded(row) ? <Stop row={row} onStop={onStop} /> : null;
}

function Stop({ row, onStop }) {
  const steady = useSteady(row.stopRequested);
  if (row.stopRequested) {
    return (
      <div className="stop is-asked" role="status">
        <span>Stop requested – the script sees it with its next report</span>
        <button type="button" className="button is-small" {...steady(() => onStop(row.id, false))}>
          Undo
        </button>
      </div>
    );
  }
  return (
    <button
      type="button"
      className="button is-danger"
      title="The answer to the script's next report tells it to stop"
      {...steady(() => onStop(row.id, true))}
    >
      <Icon name="stop" size={14} /> Stop
    </button>
  );
}

export function AttemptTable() {
  const attempts = useStore(task, (value) => value.attempts);
  const now = useNow();
  const overlaid = useStore(task, (value) => value.overlaid);
  const row = useRow();
  const current = row?.attempt;
  if (attempts.length === 0) return <p className="hint">No attempt yet.</p>;
  const lay = (attempt, on) => overlay(on ? [...overlaid, attempt] : overlaid.filter((each) => each !== attempt));
  return (
    <table className="attempts">
      <thead>
        <tr>
          <th scope="col">No.</th>
          <th scope="col">State</th>
          <th scope="col">Started</th>
          <th scope="col">Took</th>
        </tr>
      </thead>
      <tbody>
        {attempts.map((each) => (
          <tr key={each.attempt} title={each.statusReason ?? undefined}>
            <td className="num">
              {each.attempt === current ? (
                each.attempt
              ) : (
                <label className="overlay" title="Lay its curve over the current one" style={{ "--mark": `var(--chart-other-${(each.attempt % 4) + 1})` }}>
                  <input
                    type="checkbox"
                    aria-label={`Lay the curve of attempt ${each.attempt} over the current one`}
                    checked={overlaid.includes(each.attempt)}
                    onChange={(event) => lay(each.attempt, event.target.checked)}
                  />
                  {each.attempt}
                </label>
              )}
            </td>
            <td>
              {each.attempt === row?.attempt && !isEnded(row) ? <StateBadge row={row} /> : <Badge status={each.status} />}
            </td>
            <td>
              <ClockTime at={each.startedAt} className="num" />
            </td>
            <td className="num">{now && each.startedAt ? duration(secondsRun(each, now)) : UNKNOWN}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const TONES = { complete: "success", failed: "error", nonfinite: "warning", stop_requested: "warning", stopped: "error" };

export function EventList() {
  const events = useStore(task, (value) => value.events);
  if (events.length === 0) return <p className="hint">What happens to this task is written down here.</p>;
  return (
    <ol className="timeline">
      {events.map((event) => (
        <li key={event.id} className={`is-${TONES[event.kind] ?? "info"}`}>
          <span className="timeline-dot" aria-hidden="true" />
          <span className="timeline-words">{event.message}</span>
          <ClockTime at={event.createdAt} className="caption num" />
          <Ago at={event.createdAt} className="caption num timeline-ago" />
        </li>
      ))}
    </ol>
  );
}

export function FactList() {
  const row = useRow();
  const job = useStore(task, (value) => value.job);
  if (!row) return null;
  const facts = [
    ["Type", row.type],
    ["Source", row.source],
    ...launched(job),
    ["Reported as", row.reportedName],
    ["Run id", row.runId],
    ["Created", <ClockTime key="c" at={row.createdAt} className="num" />],
    ["Last heard", <Ago key="h" at={row.lastUpdated} className="num" />],
    ["Reports every", row.expectedSeconds ? rhythm(row.expectedSeconds) : null],
  ];
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd title={typeof value === "string" ? value : undefined}>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

export function ExportLinks() {
  const id = useStore(task, (value) => value.id);
  if (!id) return null;
  return (
    <div className="exports">
      {["csv", "json"].map((format) => (
        <a key={format} className="button is-small" href={address(`/api/tasks/${id}/export?format=${format}`)} download>
          <Icon name="download" size={14} /> {format.toUpperCase()}
        </a>
      ))}
    </div>
  );
}

