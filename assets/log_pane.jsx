import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { dress } from "./ansi.js";
import { counted } from "./format.js";
import { fill, follow, log, reach } from "./log.js";
import { culprit, goesAlong, piecesOf, placeOf, rowAt, rowsOf, topsOf } from "./log_lines.js";

const LINE_PX = 18;
const OVERSCAN = 30;
const GUTTER_CHARACTERS = 3;

/** The lines of a log in a box that scrolls: only those that can be seen, and some around, are elements. */
export function LogPane({ held, following, wraps, wanted, chosen, goal, reason, label }) {
  const box = useRef(null);
  const anchor = useRef({ n: 0, offset: 0, top: 0 });
  const [view, setView] = useState({ top: 0, height: 400, columns: 100 });
  const rows = useMemo(() => rowsOf(held), [held]);
  const digits = String(held.total).length;
  const columns = wraps ? Math.max(10, view.columns - digits - GUTTER_CHARACTERS) : null;
  const tops = useMemo(() => topsOf(rows, columns), [rows, columns]);
  const failed = useMemo(() => culprit(held.lines, reason), [held, reason]);
  const first = Math.max(0, rowAt(tops, view.top / LINE_PX) - OVERSCAN);
  const last = Math.min(rows.length, rowAt(tops, (view.top + view.height) / LINE_PX) + OVERSCAN);

  const look = () => {
    const { scrollTop, clientHeight } = box.current;
    const first = rowAt(tops, scrollTop / LINE_PX);
    // A hole is filled from its end, so it is what follows that stays in its place.
    const at = rows[first]?.from !== undefined && first + 1 < rows.length ? first + 1 : first;
    anchor.current = { n: rows[at]?.n ?? 0, offset: scrollTop - tops[at] * LINE_PX, top: scrollTop };
    setView((before) => ({ ...before, top: scrollTop, height: clientHeight }));
  };

  const go = (top) => {
    box.current.scrollTop = top;
    look();
  };

  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    const moved = scrollTop - anchor.current.top;
    // Only a reader decides to stay or to go along, not we who went there.
    if (Math.abs(moved) < 1) return;
    look();
    follow(goesAlong(log.get().following, moved > 0, scrollHeight - scrollTop - clientHeight), anchor.current.n);
  };

  // What is in sight stays where it is, whatever comes or goes above it; or the end does. To go where one is would stop a scroll short.
  useLayoutEffect(() => {
    const { n, offset, top } = anchor.current;
    const at = Math.min(placeOf(rows, n), rows.length - 1);
    const place = (tops[at] ?? 0) * LINE_PX + offset;
    if (following) go(box.current.scrollHeight);
    else if (Math.abs(place - top) >= 1) go(place);
  }, [rows, tops, following]);

  useLayoutEffect(() => {
    const at = placeOf(rows, goal?.n ?? 0);
    if (!goal || following || rows[at]?.n !== goal.n) return;
    go(tops[at] * LINE_PX - box.current.clientHeight / 2);
  }, [goal]);

  useEffect(() => {
    const measured = new ResizeObserver(() => setView((before) => ({ ...before, ...sizeOf(box.current) })));
    measured.observe(box.current);
    // Whoever marks lines to take them along does not want them to move away.
    const selected = () => {
      const selection = document.getSelection();
      if (log.get().following && !selection.isCollapsed && box.current?.contains(selection.anchorNode)) follow(false, anchor.current.n);
    };
    document.addEventListener("selectionchange", selected);
    return () => {
      measured.disconnect();
      document.removeEventListener("selectionchange", selected);
    };
  }, []);

  // A hole that comes into sight is filled.
  useEffect(() => {
    if (following) return;
    const { scrollTop, clientHeight } = box.current;
    const [top, bottom] = [rowAt(tops, scrollTop / LINE_PX), rowAt(tops, (scrollTop + clientHeight) / LINE_PX)];
    const hole = rows.slice(top, bottom + 1).findIndex((row) => row.from !== undefined && !row.bytes);
    if (hole >= 0) fill(rows[top + hole], hole > 0);
  }, [view, rows, tops, following]);

  // A browser would scroll there step by step, past holes that are filled meanwhile, and arrive where the end was.
  const press = (event) => {
    if (!["Home", "End"].includes(event.key) || event.target !== box.current) return;
    event.preventDefault();
    if (event.key === "End") follow(true);
    else reach(0);
  };

  return (
    <div
      ref={box}
      className={`log-pane ${wraps ? "is-wrapped" : ""}`}
      style={{ "--log-digits": digits }}
      role="region"
      aria-label={label}
      tabIndex={0}
      onScroll={scrolled}
      onKeyDown={press}
    >
      <div style={{ height: tops.at(-1) * LINE_PX }}>
        <div className="log-lines" style={{ transform: `translateY(${tops[first] * LINE_PX}px)` }}>
          {rows.slice(first, last).map((row) =>
            row.from === undefined ? (
              <LogLine key={row.n} line={row} wanted={wanted} state={row.n === chosen ? "is-chosen" : row.n === failed ? "is-culprit" : ""} />
            ) : (
              <p key={`hole ${row.n}`} className="log-hole">
                {wordsFor(row)}
              </p>
            ),
          )}
        </div>
      </div>
    </div>
  );
}

const wordsFor = ({ from, to, bytes }) => {
  if (bytes) return `${counted(Math.max(1, Math.round(bytes / 1024)))} KiB of the log are not kept`;
  return `${counted(to - from)} ${to - from === 1 ? "line" : "lines"} skipped`;
};

const LogLine = memo(function LogLine({ line, wanted, state }) {
  return (
    <div className={`log-line ${state}`} data-n={line.n + 1}>
      {piecesOf(line, wanted).map((piece, i) => {
        const look = dress(piece);
        const text = look ? (
          <span key={i} {...look}>
            {piece.t}
          </span>
        ) : (
          piece.t
        );
        return piece.found ? <mark key={i}>{text}</mark> : text;
      })}
    </div>
  );
});

function sizeOf(box) {
  const probe = document.createElement("span");
  probe.textContent = "0".repeat(100);
  probe.className = "log-probe";
  box.append(probe);
  const character = probe.getBoundingClientRect().width / 100;
  probe.remove();
  return { height: box.clientHeight, columns: Math.floor(box.clientWidth / character) };
}
