import { memo, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { Ago } from "./clock.jsx";
import { StartDemo } from "./demo.jsx";
import { FoldersLost } from "./folders_lost.jsx";
import { counted } from "./format.js";
import { Icon } from "./icons.jsx";
import { canDelete, canStart, canStop, mayRun } from "./job.js";
import { isEnded } from "./liveness.js";
import { overview } from "./overview.js";
import { Question } from "./question.jsx";
import { useSteady } from "./steady.js";
import { useStore } from "./store.js";
import { Course, More, Quiet, RowName, Unloaded, Waiting } from "./task_list.jsx";
import { Liveness, StateBadge } from "./task_parts.jsx";

const jobs = (n) => `${counted(n)} ${n === 1 ? "job" : "jobs"}`;

/** The jobs, to start, stop and delete one by one or several at once. Until the visitor is `known` it keeps room for that. */
export function JobList({ known, simulate, operate, onStart, onStop, onDelete, onDemo }) {
  const ids = useStore(overview, (value) => value.ids);
  const total = useStore(overview, (value) => value.total);
  const loaded = useStore(overview, (value) => value.loaded);
  const isOfJobs = useStore(overview, (value) => value.answered.jobs);
  const problem = useStore(overview, (value) => value.problem);
  const [picked, setPicked] = useState(new Set());
  if (!loaded || !isOfJobs) return <Waiting />;
  if (problem && ids.length === 0) return <Unloaded what="jobs" problem={problem} />;
  if (ids.length === 0) return <NoJob simulate={simulate} onDemo={onDemo} />;
  const chosen = ids.filter((id) => picked.has(id));
  const pick = (id, on) => setPicked((held) => new Set(on ? [...held, id] : [...held].filter((each) => each !== id)));
  const may = { simulate, operate };
  const picks = simulate || !known;
  return (
    <>
      <section className="card jobs" aria-label="Jobs">
        {picks ? (
          <Chosen
            ids={ids}
            total={total}
            chosen={chosen}
            may={may}
            pickAll={(on) => setPicked(new Set(on ? ids : []))}
            onStart={onStart}
            onStop={onStop}
            onDelete={onDelete}
          />
        ) : null}
        <ul className="rows" aria-label="Jobs">
          {ids.map((id) => (
            <JobRow
              key={id}
              id={id}
              picked={picked.has(id)}
              pick={picks ? pick : null}
              simulate={simulate}
              operate={operate}
              onStart={onStart}
              onStop={onStop}
            />
          ))}
        </ul>
      </section>
      {ids.length < total || problem ? <More shown={ids.length} total={total} noun="job" /> : null}
    </>
  );
}

const NoJob = ({ simulate, onDemo }) => (
  <Quiet title="No job yet">
    A job is a training that TrainWatch starts, watches and stops.
    {simulate ? (
      <span className="quiet-acts no-job">
        <Link to="/training/jobs/new" className="button is-primary">
          New job
        </Link>
        <StartDemo onDemo={onDemo} />
      </span>
    ) : null}
  </Quiet>
);

/** What can be done to those that are chosen; of each action, to how many. */
function Chosen({ ids, total, chosen, may, pickAll, onStart, onStop, onDelete }) {
  const rows = useStore(overview, (value) => value.rows);
  const question = useRef(null);
  const [doomed, setDoomed] = useState({ rows: [], kept: 0 });
  const those = (can) => chosen.filter((id) => can(rows.get(id)));
  const starting = those((row) => canStart(row) && mayRun(row, may));
  const stopping = those((row) => canStop(row) && mayRun(row, may));
  const deleting = those(canDelete);
  const askFirst = () => {
    setDoomed({ rows: deleting.map((id) => rows.get(id)), kept: chosen.length - deleting.length });
    question.current.showModal();
  };
  const mark = (box) => {
    if (box) box.indeterminate = chosen.length > 0 && chosen.length < ids.length;
  };
  return (
    <div className="chosen" role="toolbar" aria-label="Chosen jobs">
      <label className="pick">
        <input
          ref={mark}
          type="checkbox"
          aria-label="Choose all"
          checked={chosen.length === ids.length}
          onChange={(event) => pickAll(event.target.checked)}
        />
      </label>
      <span className="chosen-count num" role="status">
        {chosen.length > 0 ? `${counted(chosen.length)} chosen` : jobs(total)}
      </span>
      {chosen.length > 0 ? (
        <div className="chosen-acts">
          <Act icon="running" label="Start" ids={starting} act={onStart} />
          <Act icon="stop" label="Stop" ids={stopping} act={onStop} />
          {may.operate ? <Act icon="trash" label="Delete…" ids={deleting} act={askFirst} grave /> : null}
          <button type="button" className="button is-small is-quiet" onClick={() => pickAll(false)}>
            Choose none
          </button>
        </div>
      ) : null}
      {may.operate ? <DeleteJobs box={question} {...doomed} onDelete={onDelete} /> : null}
    </div>
  );
}

function Act({ icon, label, ids, act, grave = false }) {
  const steady = useSteady(label);
  return (
    <button type="button" className={`button is-small ${grave ? "is-danger" : ""}`} disabled={ids.length === 0} {...steady(() => act(ids))}>
      <Icon name={icon} size={13} /> {label} <span className="num count">{counted(ids.length)}</span>
    </button>
  );
}

const NAMED = 5;

/** Asks about the rows that could be deleted when it was opened: one that ends meanwhile is not meant. */
const DeleteJobs = ({ box, rows, kept, onDelete }) => (
  <Question box={box} title={`Delete ${jobs(rows.length)}?`} onYes={() => onDelete(rows.map((row) => row.id))}>
    <ul className="dialog-list">
      {rows.slice(0, NAMED).map((row) => (
        <li key={row.id}>{row.title}</li>
      ))}
      {rows.length > NAMED ? <li>and {counted(rows.length - NAMED)} more</li> : null}
    </ul>
    <p>Their points, attempts and history are lost for good, for everybody.</p>
    <FoldersLost rows={rows} />
    {kept > 0 ? <p>{kept === 1 ? "One that is chosen runs: it stays." : `${counted(kept)} that are chosen run: they stay.`}</p> : null}
  </Question>
);

const JobRow = memo(function JobRow({ id, picked, pick, simulate, operate, onStart, onStop }) {
  const row = useStore(overview, (value) => value.rows.get(id));
  const navigate = useNavigate();
  if (!row) return null;
  const address = `/training/jobs/${id}`;
  return (
    // The title is the link; a click beside it is a convenience of the mouse.
    <li
      className={`row job-row ${pick ? "" : "is-bare"}`}
      onClick={(event) => event.target.closest("a, button, label, input") || navigate(address)}
    >
      {pick ? (
        <label className="pick">
          <input
            type="checkbox"
            aria-label={`Choose ${row.title}`}
            checked={picked}
            onChange={(event) => pick(id, event.target.checked)}
          />
        </label>
      ) : null}
      <RowName row={row} to={address}>
        <span className="row-gpu">
          {row.job?.modelName} · {row.source}
        </span>
      </RowName>
      <Course row={row} />
      <div className="row-state">
        <StateBadge row={row} />
        <State row={row} />
      </div>
      <div className="row-act">
        {mayRun(row, { simulate, operate }) ? <Control row={row} onStart={onStart} onStop={onStop} /> : null}
      </div>
    </li>
  );
});

function State({ row }) {
  if (row.isWaiting) return <span className="caption">waiting for its turn</span>;
  if (row.status === "queued") return <span className="caption">not started</span>;
  if (isEnded(row)) return <Ago at={row.finishedAt ?? row.lastUpdated} className="caption num" />;
  return row.stopRequested ? <span className="caption">stopping…</span> : <Liveness row={row} />;
}

function Control({ row, onStart, onStop }) {
  const [label, icon, act] = canStart(row)
    ? [isEnded(row) ? "Restart" : "Start", isEnded(row) ? "reset" : "running", onStart]
    : [row.isWaiting ? "Take back" : "Stop", row.isWaiting ? "close" : "stop", onStop];
  const steady = useSteady(label);
  return (
    <button
      type="button"
      className="button is-small"
      aria-label={`${label}: ${row.title}`}
      disabled={row.stopRequested && !isEnded(row)}
      {...steady(() => act([row.id]))}
    >
      <Icon name={icon} size={13} /> {label}
    </button>
  );
}
