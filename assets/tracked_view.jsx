import { useEffect, useState } from "react";
import { ClockTime, useNow } from "./clock.jsx";
import { clockTime, counted, duration, parseTime, percent } from "./format.js";
import { Icon } from "./icons.jsx";
import { endText, etaText, isEnded, livenessOf } from "./liveness.js";
import { useStore } from "./store.js";
import { task } from "./task.js";
import { actionText, limitsOf, money, quietFor, spending, stillness } from "./tracked.js";

const useRow = () => useStore(task, (value) => value.row);
const useTracked = () => useStore(task, (value) => value.tracked);

/** The grid of a task's page, another one for what an agent works on. Which of them it is shows when the task does; of jobs it is known. */
export function TaskGrid({ isJob, children }) {
  const type = useStore(task, ({ row, loaded }) => (row && (loaded || row.type !== "agent") ? row.type : isJob ? "training" : "unknown"));
  return <div className={`task-grid ${GRIDS[type] ?? ""}`}>{children}</div>;
}

const GRIDS = { agent: "is-agents", unknown: "is-unknown" };

/** Its children, unless the task is an agent's, which trains nothing. */
export function OfTraining({ children }) {
  const isAgents = useStore(task, (value) => value.row?.type === "agent");
  return isAgents ? null : children;
}

/** How far it is, by iterations and in all; then what is being done. */
export function TrackedProgress() {
  const tracked = useTracked();
  const row = useRow();
  if (!tracked || !row) return null;
  const { iteration, maxIterations, progress, criteriaVerified, criteriaTotal } = tracked;
  const tone = isEnded(row) ? row.status : "running";
  return (
    <div className="tracked">
      <div className="gauges">
        <Gauge
          name="Iteration"
          value={counted(iteration)}
          of={counted(maxIterations)}
          fraction={iteration / maxIterations}
          tone={isEnded(row) ? tone : iteration >= maxIterations ? "over" : "running"}
          spoken={`iteration ${iteration} of ${maxIterations}`}
        />
        <Gauge
          name="Complete"
          value={percent(progress / 100)}
          note={criteriaTotal ? `${counted(criteriaVerified)} of ${counted(criteriaTotal)} criteria` : null}
          fraction={progress / 100}
          tone={tone}
          spoken={percent(progress / 100)}
        />
      </div>
      {isEnded(row) ? null : <Doing row={row} tracked={tracked} />}
    </div>
  );
}

/** A number, what it is of, and a bar of it. */
function Gauge({ name, value, of, note, fraction, tone, spoken }) {
  const share = Math.min(1, Math.max(0, fraction));
  return (
    <div className="gauge">
      <p className="gauge-words">
        <span className="gauge-name">{name}</span>
        {note ? <span className="caption num">{note}</span> : null}
      </p>
      <p className="gauge-value num">
        {value}
        {of ? <span> / {of}</span> : null}
      </p>
      <div
        className={`track is-${tone}`}
        role="progressbar"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(share * 100)}
        aria-valuetext={spoken}
      >
        <div className="progress-bar" style={{ width: `${Number((share * 100).toFixed(1))}%` }} />
      </div>
    </div>
  );
}

function Doing({ row, tracked }) {
  const now = useNow();
  const ends = endText(row, now);
  return (
    <div className="doing">
      <Action action={tracked.action} now={now} />
      <p className="doing-facts">
        <span className="num">{now ? `running for ${duration((now - parseTime(tracked.startedAt)) / 1000)}` : "\u00a0"}</span>
        {ends ? <span className="num">{`${etaText(row, now)}, ${ends}`}</span> : null}
        <Quiet row={row} now={now} />
      </p>
      <Limits limits={limitsOf(tracked)}>{tracked.stopRequested ? " It was told to stop." : ""}</Limits>
    </div>
  );
}

/** Which limits it has reached, and the children. */
const Limits = ({ limits, children }) =>
  limits.length === 0 ? null : (
    <p className="limit" role="status">
      <Icon name="warning" size={14} />
      <span>
        {limits.length > 1 ? "Limits" : "Limit"} reached: {limits.join(", ")}.{children}
      </span>
    </p>
  );

const STATES = { true: "complete", false: "failed" };

/** What is being done, with a clock of its own; what was done last has the mark of how it went. */
function Action({ action, now }) {
  if (!action) return <p className="action is-idle">It has not said what it does</p>;
  const state = action.isDone ? STATES[action.success] : "running";
  return (
    <p className={`action is-${state}`}>
      {action.isDone ? <Icon name={state} size={16} /> : <span className="dot" aria-hidden="true" />}
      <span className="action-text" title={actionText(action)}>
        <span className="sr">{action.isDone ? "Last action: " : "Now: "}</span>
        <strong>{action.action}</strong>
        {action.target ? <code>{action.target}</code> : null}
      </span>
      <span className="num action-clock">
        {action.isDone ? (action.success ? "done" : "failed") : now ? duration((now - parseTime(action.startedAt)) / 1000) : ""}
      </span>
    </p>
  );
}

function Quiet({ row, now }) {
  const seconds = quietFor(row, now);
  if (seconds === null) return null;
  return <span className={`num quiet-for is-${livenessOf(row, now)}`}>{`no event for ${stillness(seconds)}`}</span>;
}

const ENDINGS = { complete: "Done", failed: "Failed", stopped: "Stopped" };

/** How it ended: what was done, what it took, and which limit it reached. */
export function TrackedEnd() {
  const tracked = useTracked();
  const row = useRow();
  if (!tracked || !row || !isEnded(row)) return null;
  const { filesCreated, filesModified, criteriaVerified, criteriaTotal, iteration, maxIterations, errors } = tracked;
  const ended = tracked.completedAt ?? row.finishedAt;
  const took = (parseTime(ended) - parseTime(tracked.startedAt)) / 1000;
  const said = tracked.summary ?? (row.status === "complete" ? null : row.statusReason);
  return (
    <section className={`card outcome is-${row.status}`} aria-label="Outcome">
      <header>
        <Icon name={row.status} size={22} />
        <h2>{ENDINGS[row.status]}</h2>
        <span className="num caption">
          <ClockTime at={ended} />, took {duration(took)}
        </span>
      </header>
      <Limits limits={limitsOf(tracked)} />
      {said ? <p className="outcome-summary">{said}</p> : null}
      <dl className="outcome-facts">
        <Fact name="Criteria" value={criteriaTotal ? `${counted(criteriaVerified)} / ${counted(criteriaTotal)}` : "none"} />
        <Fact name="Iterations" value={`${counted(iteration)} / ${counted(maxIterations)}`} />
        <Fact name="Files created" value={counted(filesCreated.length)} />
        <Fact name="Files modified" value={counted(filesModified.length)} />
        <Fact name="Time" value={duration(took)} />
        <Fact name="Cost" value={money(tracked.cost)} />
        <Fact name="Errors" value={counted(errors)} />
      </dl>
    </section>
  );
}

const Fact = ({ name, value }) => (
  <div>
    <dt>{name}</dt>
    <dd className="num">{value}</dd>
  </div>
);

/** What has to be true in the end, and since when it is. */
export function TrackedCriteria() {
  const tracked = useTracked();
  if (!tracked || tracked.criteriaTotal === 0) return null;
  const { criteria, criteriaVerified, criteriaTotal } = tracked;
  return (
    <section className="card criteria" aria-label="Criteria">
      <header className="card-head">
        <h2>Criteria</h2>
        <span className="num caption">{`${counted(criteriaVerified)} of ${counted(criteriaTotal)} verified`}</span>
      </header>
      <ol>
        {criteria.map(({ text, verifiedAt }, index) => (
          <li key={index} className={verifiedAt ? "is-verified" : ""}>
            <span className="check">{verifiedAt ? <Icon name="complete" size={14} /> : null}</span>
            <span className="criterion">
              {text}
              <span className="sr">{verifiedAt ? ", verified" : ", not verified"}</span>
            </span>
            <ClockTime at={verifiedAt} className="caption num" />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Cost and time against what may be spent, and where that leads. */
export function TrackedBudget() {
  const tracked = useTracked();
  const row = useRow();
  const now = useNow();
  if (!tracked || !row) return null;
  const { cost, maxCost, maxSeconds, startedAt, completedAt } = tracked;
  const spent = spending(tracked, row);
  const seconds = ((parseTime(completedAt ?? row.finishedAt) ?? now) - parseTime(startedAt)) / 1000;
  return (
    <section className="card budget" aria-label="Budget">
      <div>
        <Meter
          name="Cost"
          value={money(cost)}
          of={maxCost === null ? null : money(maxCost)}
          fraction={maxCost === null ? null : cost / maxCost}
          facts={[
            spent.perHour === null ? null : `${money(spent.perHour)}/h`,
            spent.over === null ? outlook(spent, maxCost, now) : null,
          ]}
          warning={spent.over === null ? null : `${money(spent.over)} over`}
        />
      </div>
      <div>
        <Meter
          name="Time"
          value={now || completedAt ? duration(seconds) : ""}
          of={maxSeconds === null ? null : duration(maxSeconds)}
          fraction={maxSeconds === null || !(now || completedAt) ? null : seconds / maxSeconds}
          facts={maxSeconds === null || isEnded(row) || seconds > maxSeconds ? [] : [`${duration(maxSeconds - seconds)} left`]}
          warning={maxSeconds !== null && seconds > maxSeconds ? `${duration(seconds - maxSeconds)} over` : null}
        />
      </div>
    </section>
  );
}

/** Where the cost leads: to an end within the budget, or to the end of the budget. */
function outlook({ atEnd, usedUpAt }, maxCost, now) {
  if (!now) return null;
  if (atEnd !== null && (maxCost === null || atEnd <= maxCost)) return `about ${money(atEnd)} at the end`;
  if (usedUpAt === null) return null;
  if (usedUpAt <= now) return "used up about now";
  return `used up in about ${duration((usedUpAt - now) / 1000)}, at ${clockTime(usedUpAt, now)}`;
}

const NEARLY = 0.8;

function Meter({ name, value, of, fraction, facts, warning }) {
  const tone = fraction === null ? "none" : fraction > 1 || warning ? "over" : fraction >= NEARLY ? "silent" : "running";
  const words = facts.filter(Boolean);
  return (
    <>
      <h2>{name}</h2>
      <p className="gauge-value num">
        {value}
        {of ? <span> of {of}</span> : null}
      </p>
      {fraction === null ? null : (
        <div
          className={`track is-${tone}`}
          role="progressbar"
          aria-label={`${name} against its limit`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.min(100, Math.floor(fraction * 100))}
          aria-valuetext={`${value} of ${of}`}
        >
          <div className="progress-bar" style={{ width: `${Math.min(100, fraction * 100).toFixed(1)}%` }} />
        </div>
      )}
      <p className="budget-facts caption num">
        {warning ? <strong>{warning}</strong> : null}
        {words.map((each) => (
          <span key={each}>{each}</span>
        ))}
      </p>
    </>
  );
}

/** The files that the agent made and changed, the last ones first. */
export function TrackedFiles() {
  const tracked = useTracked();
  if (!tracked) return null;
  const { filesCreated, filesModified } = tracked;
  if (filesCreated.length + filesModified.length === 0) return null;
  return (
    <section className="card files" aria-label="Files">
      <header className="card-head">
        <h2>Files</h2>
      </header>
      <Files name="created" files={filesCreated} />
      <Files name="modified" files={filesModified} />
    </section>
  );
}

const FEW = 5;
const MOST = 1000;

function Files({ name, files }) {
  const [all, setAll] = useState(false);
  useEffect(() => {
    if (files.length <= FEW) setAll(false);
  }, [files.length <= FEW]);
  if (files.length === 0) return null;
  const shown = all ? files.slice(-MOST) : files.slice(-FEW);
  return (
    <>
      <h3 className="num">{`${counted(files.length)} ${name}`}</h3>
      <ul className={all ? "is-whole" : ""} aria-label={`Files ${name}`}>
        {shown.reverse().map((file) => (
          <li key={file} title={file}>
            <bdi>{file}</bdi>
          </li>
        ))}
        {all && files.length > MOST ? <li>{`and ${counted(files.length - MOST)} earlier`}</li> : null}
      </ul>
      {files.length > FEW ? (
        <button type="button" className="button is-small is-quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show the last ones" : `Show all ${counted(files.length)}`}
        </button>
      ) : null}
    </>
  );
}
