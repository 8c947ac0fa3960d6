import { memo, useDeferredValue, useEffect, useRef } from "react";
import { Link, useNavigate } from "react-router";
import { isNarrow } from "./addresses.js";
import { Ago, setServerNow, useNow } from "./clock.jsx";
import { FirstSteps } from "./first_steps.jsx";
import { counted, duration, metric, percent, roughDuration } from "./format.js";
import { doneOf, endText, etaText, isEnded, secondsRun } from "./liveness.js";
import { applyFrame, applyNotices, load, loadMore, open, overview, rejoined } from "./overview.js";
import { watchSight } from "./sight.js";
import { useStore } from "./store.js";
import { Bar, Liveness, mainMetric, NonFinite, Reading, Sparkline, StateBadge } from "./task_parts.jsx";
import { figureOf, iterations, money } from "./tracked.js";

/** Feeds the list of tasks, or of jobs, from the broadcast vars; shows nothing itself. */
export function OverviewFeed({ jobs, frame, toasts, joined }) {
  useEffect(() => open(jobs), []);
  useEffect(() => {
    if (!joined?.n) return;
    setServerNow(joined.serverNow);
    rejoined(joined.sent);
  }, [joined]);
  useEffect(() => {
    if (frame?.seq) applyFrame(frame);
  }, [frame]);
  useEffect(() => {
    if (toasts?.seq) applyNotices(toasts);
  }, [toasts]);
  return null;
}

const AT_FIRST = 20;
const ROW_HEIGHT = 76;

export function TaskList({ simulate, onDemo }) {
  const ids = useStore(overview, (value) => value.ids);
  const total = useStore(overview, (value) => value.total);
  const loaded = useStore(overview, (value) => value.loaded);
  // The first screen must not wait for the whole of a long list.
  const settled = useDeferredValue(loaded, false);
  const drawn = settled ? ids : ids.slice(0, AT_FIRST);
  const problem = useStore(overview, (value) => value.problem);
  const query = useStore(overview, (value) => value.answered);
  const archived = useStore(overview, (value) => value.archived);
  const filtered = query.q || query.status;
  if (!loaded || query.jobs) return <Waiting />;
  if (problem && ids.length === 0) return <Unloaded what="tasks" problem={problem} />;
  if (total === 0 && !filtered && query.archived) return <Quiet title="No archived tasks">What you archive on a task’s page is kept here.</Quiet>;
  if (total === 0 && !filtered && archived > 0) return <Quiet title="Every task is archived">A new one appears here with its first report.</Quiet>;
  if (total === 0 && !filtered) return <FirstSteps onDemo={simulate ? onDemo : null} />;
  if (ids.length === 0) return <Quiet title="No task matches">Try another word, or another state.</Quiet>;
  return (
    <>
      <ul
        className="rows card"
        aria-label="Tasks"
        style={drawn.length < ids.length ? { minHeight: ids.length * ROW_HEIGHT } : undefined}
      >
        {drawn.map((id) => (
          <Row key={id} id={id} />
        ))}
      </ul>
      <More shown={ids.length} total={total} />
    </>
  );
}

const Row = memo(function Row({ id }) {
  const row = useStore(overview, (value) => value.rows.get(id));
  const navigate = useNavigate();
  if (!row) return null;
  const isAgents = row.type === "agent";
  const name = isAgents ? figureOf(row) : mainMetric(row.metrics);
  const value = row.metrics?.[name];
  return (
    // The title is the link; a click beside it is a convenience of the mouse.
    <li className="row" onClick={(event) => event.target.closest("a") || navigate(`/tasks/${id}`)}>
      <RowName row={row} to={`/tasks/${id}`}>
        {row.gpu ? <span className="row-gpu">{gpuWords(row.gpu)}</span> : <What row={row} />}
      </RowName>
      <Course row={row} />
      <div className="row-metric">
        <Sparkline values={row.spark} />
        <span className="row-loss" title={name ? `latest ${name}` : undefined}>
          <Reading row={row} name={name} text={isAgents ? figure(name, value) : metric(value)} />
          <span className="caption">{name ?? ""}</span>
        </span>
      </div>
      <div className="row-state">
        <StateBadge row={row} />
        {row.status === "running" ? (
          <Liveness row={row} />
        ) : (
          <Ago at={row.finishedAt ?? row.lastUpdated} className="caption num" />
        )}
      </div>
    </li>
  );
});

/** The title, which leads to its page; under it the children and the tags. */
export const RowName = ({ row, to, children }) => (
  <div className="row-name">
    <Link className="row-link" to={to} title={row.title}>
      {row.title}
    </Link>
    <span className="row-sub">
      <NonFinite row={row} />
      {children}
      {row.tags.map((tag) => (
        <span key={tag} className="tag">
          {tag}
        </span>
      ))}
    </span>
  </div>
);

/** A figure of an agent's task, which counts rather than measures. */
const figure = (name, value) => (name === null ? "" : name === "cost" ? money(value) : Number.isInteger(value) ? counted(value) : metric(value));

/** What kind of task it is; of an agent at work, what it does. */
function What({ row }) {
  const doing = row.type === "agent" && row.status === "running" ? row.message : null;
  return doing ? (
    <span className="row-gpu" title={doing}>
      {doing}
    </span>
  ) : (
    <span>{row.type}</span>
  );
}

const gpuWords = (gpu) => (gpu.host ? `${gpu.name} · ${gpu.host}` : gpu.name);

export function Course({ row }) {
  const now = useNow(row.status !== "running");
  const eta = etaText(row, now, roughDuration);
  return (
    <div className="row-course" title={eta ? [eta, endText(row, now)].filter(Boolean).join(", ") : undefined}>
      <div className="row-bar">
        <Bar row={row} label={`Progress of ${row.title}`} />
        <span className="num row-percent">{percent(doneOf(row))}</span>
      </div>
      <div className="row-facts caption">
        <span className="num">{extent(row)}</span>
        <span className="num" title={isEnded(row) ? row.statusReason : undefined}>
          {isEnded(row) ? ended(row, now) : eta}
        </span>
      </div>
    </div>
  );
}

function extent(row) {
  if (row.type === "agent") return iterations(row) ?? row.message ?? "";
  const countsStepsOnly = row.currentEpoch === null && row.totalSteps && row.currentStep;
  if (row.totalEpochs && !countsStepsOnly) return `${row.currentEpoch ?? "--"}/${row.totalEpochs} Epochs`;
  if (row.currentEpoch !== null && row.currentEpoch !== undefined) return `Epoch ${row.currentEpoch}`;
  if (row.totalSteps) return `${counted(row.currentStep ?? 0)}/${counted(row.totalSteps)} Steps`;
  if (row.currentStep !== null && row.currentStep !== undefined) return `Step ${counted(row.currentStep)}`;
  return row.message ?? "";
}

function ended(row, now) {
  if (row.status === "failed" && row.statusReason) return row.statusReason;
  return now ? `took ${duration(secondsRun(row, now))}` : "";
}

/** Shows the next rows, and how many there are. */
export function More({ shown, total, noun = "task" }) {
  const end = useRef(null);
  const answers = useStore(overview, (value) => value.answers);
  const problem = useStore(overview, (value) => value.problem);
  useEffect(() => {
    // Beneath a narrow list stand the notifications, which an endless list would push away.
    if (isNarrow()) return undefined;
    return watchSight(end.current, "800px", (isNear) => isNear && loadMore());
  }, [answers]);
  return (
    <div className="more caption" ref={end}>
      {problem ? <span role="status">{problem}</span> : null}
      {shown < total || problem ? (
        <button type="button" className="button" onClick={problem ? load : loadMore}>
          {problem ? "Retry" : "Show more"}
        </button>
      ) : null}
      <span className="num">
        {shown < total ? `${counted(shown)} of ` : ""}
        {counted(total)} {total === 1 ? noun : `${noun}s`}
      </span>
    </div>
  );
}

export const Waiting = () => (
  <div className="rows card" aria-busy="true" aria-label="Loading">
    {Array.from({ length: 6 }, (_, i) => (
      <div className="row" key={i}>
        <span className="ghost" style={{ width: "55%" }} />
        <span className="ghost" />
        <span className="ghost" style={{ width: "70%" }} />
        <span className="ghost" style={{ width: "60%" }} />
      </div>
    ))}
  </div>
);

export const Unloaded = ({ what, problem }) => (
  <Quiet title={`The ${what} could not be loaded`}>
    {problem}
    <span className="quiet-acts">
      <button type="button" className="button" onClick={load}>
        Retry
      </button>
    </span>
  </Quiet>
);

export const Quiet = ({ title, children }) => (
  <div className="card quiet">
    <h2>{title}</h2>
    <p>{children}</p>
  </div>
);
