import { Icon } from "./icons.jsx";
import { overview } from "./overview.js";
import { useStore } from "./store.js";

const TAG = "demo";

const isOfDemo = (row) => row.source === "simulated" && row.tags.includes(TAG);

/** For who has no training at hand. */
export const StartDemo = ({ onDemo }) => (
  <button type="button" className="button" title="Three simulated jobs; one click removes them again" onClick={() => onDemo()}>
    <Icon name="running" size={14} /> Start a demo
  </button>
);

/** Says of the demo that it is one, and takes it away for who may. */
export function DemoNote({ simulate, onRemove }) {
  const shown = useStore(overview, (value) => value.ids.filter((id) => isOfDemo(value.rows.get(id))).length);
  if (shown === 0) return null;
  return (
    <div className="demo-note">
      <p>{shown === 1 ? "One job is a demo" : `${shown} jobs are a demo`}: nothing is really trained.</p>
      <button type="button" className={`button is-small ${simulate ? "" : "is-awaited"}`} onClick={() => onRemove()}>
        Remove demo
      </button>
    </div>
  );
}
