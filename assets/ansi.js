// The colours of a terminal on a page: the first sixteen are the theme's own, all others are kept readable by its style sheet.

const CLASSIC = [
  ...["#000000", "#c2313a", "#137746", "#b58900", "#3465d9", "#9b3a8f", "#0b7285", "#d5d5de"],
  ...["#6b6d7c", "#ea5a62", "#35b97a", "#f0bb5e", "#7f86f5", "#c37fb4", "#5cc8d6", "#ffffff"],
];
const LEVELS = [0, 95, 135, 175, 215, 255];
const ATTRIBUTES = ["bold", "dim", "italic", "underline"];

/** A colour of the palette, or a true one. */
function hex(colour) {
  if (typeof colour === "string") return colour;
  if (colour < 16) return CLASSIC[colour];
  if (colour >= 232) return rgb(Array(3).fill(8 + 10 * (colour - 232)));
  const n = colour - 16;
  return rgb([Math.floor(n / 36), Math.floor(n / 6) % 6, n % 6].map((level) => LEVELS[level]));
}

const rgb = (parts) => `rgb(${parts.join(" ")})`;

/** Black or white, whichever is easier to read upon a colour that `hex` returned. */
function upon(colour) {
  const [red, green, blue] = colour.startsWith("#")
    ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
    : colour.match(/\d+/g).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 128 ? "#000000" : "#ffffff";
}

/** What a piece of a line looks like: `className` and `style`; null for plain text. */
export function dress(span) {
  const { fg = null, bg = null, inverse = false } = span;
  const names = ATTRIBUTES.filter((name) => span[name]).map((name) => `ansi-${name}`);
  const [front, back] = inverse ? [bg, fg] : [fg, bg];
  const style = {};
  if (back !== null) {
    style.background = hex(back);
    style.color = front === null ? upon(style.background) : hex(front);
  } else if (inverse) {
    style.background = "var(--text)";
    style.color = front === null ? "var(--raised)" : hex(front);
  } else if (front !== null && front < 16) {
    style.color = `var(--ansi-${front})`;
  } else if (front !== null) {
    style["--ansi-true"] = hex(front);
    names.push("ansi-true");
  }
  return names.length || Object.keys(style).length ? { className: names.join(" ") || undefined, style } : null;
}
