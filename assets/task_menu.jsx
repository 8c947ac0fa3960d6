import { useRef, useState } from "react";
import { Link } from "react-router";
import { Ago, serverNow } from "./clock.jsx";
import { FoldersLost } from "./folders_lost.jsx";
import { counted } from "./format.js";
import { Icon } from "./icons.jsx";
import { canDelete, canMarkEnded, MARKED_ENDS, mayRun } from "./job.js";
import { isEnded, stateOf } from "./liveness.js";
import { Menu } from "./menu.jsx";
import { Question } from "./question.jsx";
import { useStore } from "./store.js";
import { expect, task } from "./task.js";

const useRow = () => useStore(task, (value) => value.row);

const putAway = (row, archived, onArchive) => {
  expect({ archivedAt: archived ? new Date().toISOString() : null });
  onArchive(row.id, archived);
};

/** What is seldom done to a task: what those may who run it or annotate, then what operators may. */
export function TaskMenu({ known, annotate, simulate, operate, onStart, onEnd, onArchive, onDelete }) {
  const row = useRow();
  const question = useRef(null);
  const [doomed, setDoomed] = useState(null);
  const ending = useRef(null);
  const [marked, setMarked] = useState(null);
  if (!row) return null;
  const archived = Boolean(row.archivedAt);
  const runs = row.isJob && mayRun(row, { simulate, operate });
  if (!known && row.isJob) return <span className="button is-icon is-awaited" />;
  const ends = annotate && (!row.isJob || runs) && canMarkEnded(row, serverNow());
  if (!runs && !operate && !ends) return null;
  const askHow = (status) => {
    setMarked({ row: task.get().row, status });
    ending.current.showModal();
  };
  const askFirst = () => {
    setDoomed(task.get().row);
    question.current.showModal();
  };
  return (
    <>
      <Menu label="More actions" className="button is-icon" face={<Icon name="more" />}>
        {runs && isEnded(row) ? (
          <button type="button" role="menuitem" onClick={() => onStart(row.id)}>
            Restart
          </button>
        ) : null}
        {runs ? (
          <Link to={`/training/jobs/new?from=${row.id}`} role="menuitem">
            Again with changes…
          </Link>
        ) : null}
        {ends
          ? MARKED_ENDS.map((status) => (
              <button key={status} type="button" role="menuitem" onClick={() => askHow(status)}>
                Mark as {status}…
              </button>
            ))
          : null}
        {operate ? (
          <button type="button" role="menuitem" onClick={() => putAway(row, !archived, onArchive)}>
            {archived ? "Bring back" : "Archive"}
          </button>
        ) : null}
        {operate ? (
          <button type="button" role="menuitem" className="is-grave" onClick={askFirst}>
            Delete…
          </button>
        ) : null}
      </Menu>
      <MarkEnded box={ending} row={marked?.row ?? row} status={marked?.status ?? "failed"} onEnd={onEnd} />
      {operate ? <DeleteTask box={question} row={doomed ?? row} onDelete={onDelete} /> : null}
    </>
  );
}

/** How it ended, said by a person; of a task that still reports, that there is another way. */
function MarkEnded({ box, row, status, onEnd }) {
  const isHeard = stateOf(row, serverNow()) === "running";
  return (
    <Question box={box} title={`Mark “${row.title}” as ${status}?`} verb={`Mark as ${status}`} no="Cancel" onYes={() => onEnd(row.id, status)}>
      <p>
        It counts as having ended when it was heard last, <Ago at={row.lastUpdated} className="num" />. Its program is not told.
      </p>
      {isHeard ? <p>It has not fallen silent for long: Stop asks the program itself to end.</p> : null}
    </Question>
  );
}

/** Names the task and what goes with it, as it was when this was opened; who only wants it out of sight is told of the other way. */
function DeleteTask({ box, row, onDelete }) {
  const runs = row.isJob && !canDelete(row);
  return (
    <Question box={box} title={`Delete “${row.title}”?`} onYes={runs ? null : () => onDelete(row.id)}>
      {runs ? (
        <p>It runs. Stop it first.</p>
      ) : (
        <>
          <p>
            <Losses /> are lost for good, for everybody.
          </p>
          <FoldersLost rows={[row]} />
          {row.archivedAt ? null : <p>To only have it out of the way, archive it instead.</p>}
        </>
      )}
      {row.isJob || isEnded(row) ? null : <p>It has not ended: its next report makes a new task.</p>}
    </Question>
  );
}

function Losses() {
  const series = useStore(task, (value) => value.series);
  const attempts = useStore(task, (value) => value.attempts);
  const points = series.reduce((sum, each) => sum + each.points, 0);
  const lost = [
    points > 0 ? `${counted(points)} ${points === 1 ? "point" : "points"}, ` : "",
    attempts.length > 1 ? `all ${attempts.length} attempts, ` : "",
  ];
  return `Its ${lost.join("")}history, tags and notes`;
}

export function BringBack({ onArchive }) {
  const row = useRow();
  if (!row) return null;
  return (
    <button type="button" className="button is-small" onClick={() => putAway(row, false, onArchive)}>
      Bring back
    </button>
  );
}
