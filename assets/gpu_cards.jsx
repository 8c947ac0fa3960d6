import { useState } from "react";
import { Link } from "react-router";
import { useNow } from "./clock.jsx";
import { useAsOf } from "./connection.js";
import { gibibytes } from "./format.js";
import { gpuState } from "./gpu_state.js";
import { overview } from "./overview.js";
import { useStore } from "./store.js";

const FEW = 4;
const TASKS_SHOWN = 2;

export function GpuCards() {
  const gpus = useStore(overview, (value) => value.gpus);
  const rows = useStore(overview, (value) => value.rows);
  const loaded = useStore(overview, (value) => value.loaded);
  const [all, setAll] = useState(false);
  const now = useNow();
  const asOf = useAsOf();
  const problem = useStore(overview, (value) => value.problem);
  if (!loaded) return <div className="gpu card ghost-card" aria-busy="true" />;
  if (gpus.length === 0 && problem) return <p className="hint">Not known: {problem}</p>;
  if (gpus.length === 0) return <p className="hint">A GPU appears here when a task names one.</p>;
  const shown = all ? gpus : gpus.slice(0, FEW);
  return (
    <div className="gpus">
      {shown.map((gpu) => (
        <Gpu key={gpu.id} gpu={gpu} state={gpuState(gpu, rows, now, asOf)} />
      ))}
      {gpus.length > FEW ? (
        <button type="button" className="button is-quiet" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${gpus.length}`}
        </button>
      ) : null}
    </div>
  );
}

const factsOf = ({ host, temperatureCelsius, powerWatts }) =>
  [
    host,
    temperatureCelsius === null ? null : `${Math.round(temperatureCelsius)} °C`,
    powerWatts === null ? null : `${Math.round(powerWatts)} W`,
  ].filter(Boolean);

function Gpu({ gpu, state }) {
  const { utilizationPercent: busy, memoryUsedBytes: used, memoryTotalBytes: total } = gpu;
  const full = used !== null && total ? (used / total) * 100 : null;
  return (
    <article className={`gpu card is-${state.tone}`} aria-label={`GPU ${gpu.name}`}>
      <header title={state.why}>
        <span className="dot" aria-hidden="true" />
        <h3>{gpu.name}</h3>
        <span className="gpu-state">{state.word}</span>
      </header>
      <p className="caption num gpu-host">
        {factsOf(gpu).map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      {busy !== null || full !== null ? (
        <dl className="meters">
          <Meter label="Utilisation" percent={busy} text={busy === null ? "--" : `${Math.round(busy)}%`} />
          <Meter label="Memory" percent={full} text={`${gibibytes(used)}/${gibibytes(total)} GiB`} />
        </dl>
      ) : null}
      {gpu.tasks.length > 0 ? (
        <ul className="gpu-tasks">
          {gpu.tasks.slice(0, TASKS_SHOWN).map((task) => (
            <li key={task.id}>
              <Link to={`/tasks/${task.id}`}>{task.title}</Link>
            </li>
          ))}
          {gpu.tasks.length > TASKS_SHOWN ? <li className="caption">{gpu.tasks.length - TASKS_SHOWN} more</li> : null}
        </ul>
      ) : null}
    </article>
  );
}

const Meter = ({ label, percent, text }) => (
  <div className="meter">
    <dt>{label}</dt>
    <dd className="num">{text}</dd>
    <div className="meter-track" aria-hidden="true">
      <div style={{ width: `${percent ?? 0}%` }} />
    </div>
  </div>
);
