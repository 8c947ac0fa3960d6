import { Ago, useNow } from "./clock.jsx";
import { useAsOf } from "./connection.js";
import { fullTime, parseTime, percent } from "./format.js";
import { Icon } from "./icons.jsx";
import { nonfiniteText, nonfiniteValue } from "./nonfinite.js";
import { doneOf, livenessOf, livenessText, rhythm, stateOf } from "./liveness.js";

const WORDS = {
  running: "Running",
  lost: "Lost",
  queued: "Queued",
  paused: "Paused",
  complete: "Complete",
  failed: "Failed",
  stopped: "Stopped",
};

/** The state of a row, which the clock may change. */
export function StateBadge({ row }) {
  const now = useNow(row.status !== "running");
  return <Badge status={stateOf(row, now)} />;
}

export function Badge({ status }) {
  return (
    <span className={`badge is-${status}`}>
      <Icon name={status} size={14} />
      {WORDS[status] ?? status}
    </span>
  );
}

export function Bar({ row, label }) {
  const now = useNow(row.status !== "running");
  const fraction = doneOf(row);
  const known = fraction !== null;
  const width = `${Number(((fraction ?? 0) * 100).toFixed(1))}%`;
  const tone = row.status === "running" ? livenessOf(row, now) : row.status;
  return (
    <div
      className={`track is-${tone}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={known ? Math.floor(fraction * 100) : undefined}
      aria-valuetext={known ? percent(fraction) : "progress unknown"}
    >
      <div className="progress-bar" style={{ width }} />
    </div>
  );
}

/** What the clock says of a running task, in words beside its dot. */
export function Liveness({ row, full = false }) {
  const now = useNow();
  const asOf = useAsOf();
  const state = livenessOf(row, now);
  if (state === "none" || !now) return null;
  const text = livenessText(row, now);
  const heard = fullTime(parseTime(row.lastUpdated));
  const every = row.expectedSeconds ? ` It reports about every ${rhythm(row.expectedSeconds)}.` : "";
  return (
    <span className={`liveness is-${asOf ? "unknown" : state}`} title={`Last heard ${heard}.${every}`}>
      <span className="dot" aria-hidden="true" />
      {asOf && state === "live" ? (
        <span className="num">{full ? `was live ${asOf}` : asOf}</span>
      ) : state === "live" && full ? (
        <span>
          live, last heard <Ago at={row.lastUpdated} className="steady" />
        </span>
      ) : (
        <span>{text}</span>
      )}
    </span>
  );
}

/** That the newest values of a task are not all numbers; nothing while they are. */
export function NonFinite({ row }) {
  const text = nonfiniteText(row);
  return text ? (
    <span className="nonfinite" title={`The newest report says: ${text}`}>
      <Icon name="warning" size={14} />
      <span>{text}</span>
    </span>
  ) : null;
}

/** The newest value of a metric: `text`, unless it is not finite. */
export function Reading({ row, name, text }) {
  const sign = nonfiniteValue(row, name);
  return sign ? <span className="num is-nonfinite">{sign}</span> : <span className="num">{text}</span>;
}
