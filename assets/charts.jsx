import { useState } from "react";
import { LivePlot } from "./live_plot.jsx";
import { nonfiniteValue } from "./nonfinite.js";
import { useStore } from "./store.js";
import { overlay, task } from "./task.js";
import { mainMetric } from "./main_metric.js";

const AXES = { step: "Step", epoch: "Epoch", time: "Time" };

/** "learning_rate" reads "Learning rate". */
const spoken = (name) => {
  const words = name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
};

const namesOf = (series) => [...new Set(series.map((each) => each.name))].sort();

const asRecord = (names) => Object.fromEntries(names.map((name) => [name, 1]));

const ofAgents = (value) => value.row?.type === "agent";

const mainOf = (value) => mainMetric({ ...value.row?.metrics, ...asRecord(namesOf(value.series)) }) ?? "loss";

const attemptsOf = (series, current) =>
  [...new Set([current, ...series.map((each) => each.attempt)])].filter(Boolean).sort((a, b) => b - a);

/** The card of the series that matters most, with everything that one can do to a curve. */
export function MainCurve() {
  const isAgents = useStore(task, ofAgents);
  const id = useStore(task, (value) => value.id);
  return isAgents ? null : <Main key={id} />;
}

function Main() {
  const name = useStore(task, mainOf);
  const series = useStore(task, (value) => value.series);
  const current = useStore(task, (value) => value.row?.attempt ?? null);
  const [look, setLook] = useState({ axis: "step", log: false, weight: 0, attempt: "current" });
  const change = (part) => setLook((held) => ({ ...held, ...part }));
  const overlaid = useStore(task, (value) => value.overlaid);
  const attempts = attemptsOf(series, current);
  const chosen = look.attempt === "current" ? null : Number(look.attempt);
  const earlier = attempts.filter((each) => each !== current);
  const all = chosen === null && earlier.length > 0 && earlier.every((each) => overlaid.includes(each));
  const choose = (value) => {
    overlay(value === "all" ? earlier : all ? [] : overlaid);
    change({ attempt: value === "all" ? "current" : value });
  };
  return (
    <section className="card curve" aria-label="Loss curve">
      <header className="card-head">
        <h2>{name === "loss" ? "Loss Curve" : spoken(name)}</h2>
        <div className="controls">
          <label className="slider">
            <span>Smoothing</span>
            <input
              type="range"
              min="0"
              max="0.99"
              step="0.01"
              value={look.weight}
              onChange={(event) => change({ weight: Number(event.target.value) })}
            />
            <output className="num">{look.weight.toFixed(2)}</output>
          </label>
          <div className="segments" role="group" aria-label="Horizontal axis">
            {Object.entries(AXES).map(([axis, label]) => (
              <button key={axis} type="button" aria-pressed={look.axis === axis} onClick={() => change({ axis })}>
                {label}
              </button>
            ))}
          </div>
          <button type="button" className="button is-small" aria-pressed={look.log} onClick={() => change({ log: !look.log })}>
            Log scale
          </button>
          {attempts.length > 1 ? (
            <label className="select is-small">
              <span className="sr">Attempt</span>
              <select value={all ? "all" : look.attempt} onChange={(event) => choose(event.target.value)}>
                <option value="current">Attempt {current}</option>
                {earlier.map((each) => (
                  <option key={each} value={each}>
                    Attempt {each}
                  </option>
                ))}
                <option value="all">All attempts</option>
              </select>
            </label>
          ) : null}
        </div>
      </header>
      <LivePlot
        name={name}
        label={spoken(name)}
        axis={look.axis}
        log={look.log}
        weight={look.weight}
        attempt={chosen}
        others={attempts.filter((each) => overlaid.includes(each) && each !== (chosen ?? current))}
      />
    </section>
  );
}

/** What a tracked task has series of, in the words of its page; all three only ever grow, by steps. */
const COUNTS = { cost: "Cost in $", criteria: "Criteria verified", iteration: "Iteration" };

/** Every other series, each small; of an agent's task every one there is. */
export function OtherCurves() {
  const main = useStore(task, (value) => (ofAgents(value) ? null : mainOf(value)));
  const isTracked = useStore(task, (value) => value.tracked !== null);
  const series = useStore(task, (value) => value.series);
  const row = useStore(task, (value) => value.row);
  const names = namesOf(series).filter((name) => name !== main);
  if (names.length === 0) return null;
  return (
    <section className="others" aria-label="Other series">
      {names.map((name) => (
        <article key={name} className="card other">
          <header className="card-head">
            <h3>{labelOf(name, isTracked)}</h3>
            <Latest name={name} row={row} series={series} />
          </header>
          <LivePlot name={name} label={labelOf(name, isTracked)} {...(isTracked && name in COUNTS ? STEPPED : {})} small />
        </article>
      ))}
    </section>
  );
}

const STEPPED = { axis: "time", stepped: true };

const labelOf = (name, isTracked) => (isTracked && COUNTS[name]) || spoken(name);

function Latest({ name, row, series }) {
  const sign = nonfiniteValue(row, name);
  if (sign) return <span className="num caption is-nonfinite">{sign}</span>;
  const value = row?.metrics?.[name] ?? series.findLast((each) => each.name === name)?.lastValue;
  return <span className="num caption">{Number.isFinite(value) ? Number(value.toPrecision(4)).toString() : "--"}</span>;
}
