// What a browser holds of a log: some of its lines, in order, with holes where it lacks others; and how that is laid out.

export const EMPTY_LOG = { numbering: null, lines: [], total: 0, next: null, missing: [] };

const MOST_HELD = 20_000;
const HELD_AFTER = 15_000;

/** The log after an answer of the server. Lines that are told again replace what they were. */
export function take(log, answer) {
  const held = answer.numbering === log.numbering ? log : EMPTY_LOG;
  const told = answer.lines.map((line) => ({ ...line, text: line.spans.map((span) => span.t).join("") }));
  const first = told[0]?.n ?? Infinity;
  const stale = answer.staleFrom ?? Infinity;
  const known = stale === Infinity ? held.lines : held.lines.filter(({ n }) => n < stale || n >= first);
  return {
    numbering: answer.numbering,
    lines: merge(known, told),
    total: Math.max(answer.total ?? held.total, (told.at(-1)?.n ?? -1) + 1),
    next: answer.next ?? held.next,
    missing: answer.missing,
  };
}

/** The log without the lines that are farthest from the line `n`, if it holds too many. */
export function trim(log, n) {
  const { lines } = log;
  if (lines.length <= MOST_HELD) return log;
  const at = placeOf(lines, n);
  const start = Math.min(Math.max(0, at - HELD_AFTER / 2), lines.length - HELD_AFTER);
  return { ...log, lines: lines.slice(start, start + HELD_AFTER) };
}

function merge(lines, told) {
  if (told.length === 0) return lines;
  const start = placeOf(lines, told[0].n);
  const merged = lines.slice(0, start);
  let at = start;
  for (const line of told) {
    while (at < lines.length && lines[at].n < line.n) merged.push(lines[at++]);
    if (lines[at]?.n === line.n) at += 1;
    merged.push(line);
  }
  for (; at < lines.length; at += 1) merged.push(lines[at]);
  return merged;
}

/** Where in `lines` the first is whose number is at least `n`. */
export function placeOf(lines, n) {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle].n < n) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One row a line, and one a hole: `from` and `to` say which lines are not there, `bytes` that they are kept nowhere. */
export function rowsOf({ lines, total, missing }) {
  const rows = [];
  let next = 0;
  const pass = (to) => {
    for (const gone of missing) {
      const [start, end] = [Math.max(gone.from, next), Math.min(gone.to, to)];
      if (start >= end) continue;
      if (start > next) rows.push({ n: next, from: next, to: start });
      rows.push({ n: start, from: start, to: end, bytes: gone.bytes });
      next = end;
    }
    if (to > next) rows.push({ n: next, from: next, to });
  };
  for (const line of lines) {
    if (line.n > next) pass(line.n);
    rows.push(line);
    next = line.n + 1;
  }
  pass(total);
  return rows;
}

/** Where each row begins, and at last where all end, in rows of the screen; `columns` is null where lines are not wrapped. */
export function topsOf(rows, columns) {
  const tops = new Float64Array(rows.length + 1);
  rows.forEach((row, i) => {
    const height = columns && row.text ? Math.max(1, Math.ceil(widthOf(row.text) / columns)) : 1;
    tops[i + 1] = tops[i] + height;
  });
  return tops;
}

/** Which row `top` falls on. */
export function rowAt(tops, top) {
  let [low, high] = [0, tops.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tops[middle] <= top) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

const NEAR_END_PX = 24;

/**
 * Whether a reader goes along with the end after a scroll that left `rest` pixels below. Only by coming down to it one begins to, and by
 * any step up one ceases to; but a box that has less to scroll than before stays at its end.
 */
export function goesAlong(following, cameDown, rest) {
  return cameDown ? rest < NEAR_END_PX : following && rest < 1;
}

const PLAIN = /^[\x20-\x7e]*$/;
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u;
const TAB = 8;

/** How many columns a text takes. */
export function widthOf(text) {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (character === "\t") width += TAB - (width % TAB);
    else width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** The spans of a line, cut where `wanted` begins and ends; the pieces that hold it are `found`. */
export function piecesOf(line, wanted) {
  const ranges = wanted ? placesIn(line.text.toLowerCase(), wanted.toLowerCase()) : [];
  if (ranges.length === 0) return line.spans;
  const pieces = [];
  let start = 0;
  for (const span of line.spans) {
    const end = start + span.t.length;
    const cuts = [start, ...ranges.flat().filter((cut) => cut > start && cut < end), end];
    for (let i = 0; i + 1 < cuts.length; i += 1) {
      const found = ranges.some(([from, to]) => from <= cuts[i] && cuts[i] < to);
      pieces.push({ ...span, t: span.t.slice(cuts[i] - start, cuts[i + 1] - start), found });
    }
    start = end;
  }
  return pieces;
}

const MOST_PLACES = 100;

function placesIn(text, wanted) {
  const ranges = [];
  for (let at = text.indexOf(wanted); at >= 0 && ranges.length < MOST_PLACES; at = text.indexOf(wanted, at + wanted.length)) {
    ranges.push([at, at + wanted.length]);
  }
  return ranges;
}

/** The last line that the reason of a failure quotes, if it is among the last ones. */
export function culprit(lines, reason) {
  if (!reason) return null;
  const quoted = ({ text }) => text.trim().length > 3 && reason.endsWith(text.trim());
  return lines.slice(-500).findLast(quoted)?.n ?? null;
}
