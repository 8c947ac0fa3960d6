import { along, gaps, peak, smooth } from "./curve.js";

// What a figure looks like, as Plotly wants to be told; all of it follows from the curve, the reader's choices and the theme.

const X_TITLES = { step: "Training Step", epoch: "Epoch", time: "Time" };

const coarse = () => window.matchMedia("(pointer: coarse)").matches;

export function palette() {
  const css = getComputedStyle(document.documentElement);
  const read = (name) => css.getPropertyValue(name).trim();
  return {
    line: read("--chart-line"),
    rgb: read("--chart-rgb"),
    faint: read("--chart-faint"),
    grid: read("--chart-grid"),
    text: read("--text-3"),
    strong: read("--text"),
    surface: read("--raised"),
    edge: read("--line-strong"),
    bad: read("--red"),
    others: [1, 2, 3, 4].map((n) => read(`--chart-other-${n}`)),
  };
}

export function traces(curve, beneath, look, paint) {
  // Plotly keeps what it is given, and adds to it by itself.
  const values = [...curve.values];
  const x = along(curve, look.axis);
  const custom = curve.steps.map((step, i) => [step, curve.values[i]]);
  const smoothed = look.weight > 0;
  const line = (color, width) => ({ color, width, shape: look.stepped ? "hv" : "linear" });
  const raw = {
    x,
    y: values,
    customdata: custom,
    zorder: 1,
    mode: "lines",
    line: line(paint.faint, 1),
    hoverinfo: "skip",
    showlegend: false,
    visible: smoothed,
  };
  const main = {
    x,
    y: smooth(values, look.weight),
    customdata: custom,
    zorder: 2,
    mode: curve.steps.length === 1 ? "markers" : "lines",
    line: line(paint.line, look.small ? 1.6 : 2),
    marker: { color: paint.line, size: 6 },
    fill: look.log || look.small ? "none" : "tozeroy",
    fillgradient: { type: "vertical", colorscale: [[0, `rgba(${paint.rgb},0)`], [1, `rgba(${paint.rgb},.26)`]] },
    hovertemplate: hover(look, smoothed),
  };
  main.name = `Attempt ${curve.attempt}`;
  return [raw, main, marks(curve, look, x, paint), ...beneath.map((other) => under(other, look, paint))];
}

function hover({ label, stepped }, smoothed) {
  if (stepped) return `<b>%{x|%H:%M:%S}</b><br>${label} %{customdata[1]:~g}<extra></extra>`;
  const value = `${label} %{customdata[1]:.4f}`;
  return `<b>Step %{customdata[0]}</b><br>${value}${smoothed ? "<br>smoothed %{y:.4f}" : ""}<extra></extra>`;
}

function marks(curve, look, x, paint) {
  const found = gaps(curve);
  return {
    x: found.map((gap) => x[gap.index]),
    y: found.map((gap) => gap.height),
    customdata: found.map((gap) => [gap.step, gap.flag === "nan" ? "NaN" : gap.flag]),
    zorder: 3,
    mode: "markers",
    showlegend: false,
    marker: { symbol: "x-thin", size: 8, line: { color: paint.bad, width: 2 } },
    hovertemplate: `<b>Step %{customdata[0]}</b><br>${look.label} is %{customdata[1]}<extra></extra>`,
  };
}

/** Its colour is the attempt's own, which the table of attempts shows too. */
function under(curve, look, paint) {
  const color = paint.others[curve.attempt % paint.others.length];
  return {
    x: along(curve, look.axis),
    y: smooth(curve.values, look.weight),
    customdata: curve.steps,
    name: `Attempt ${curve.attempt}`,
    mode: "lines",
    line: { color, width: 1.5 },
    hovertemplate: `<b>Step %{customdata}</b><br>attempt ${curve.attempt} %{y:.4f}<extra></extra>`,
  };
}

/** From 0 to the highest loss + 0.5; other series and the log scale find their own. */
export function yRange(curve, look, beneath = []) {
  if (look.log) return null;
  if (look.name === "loss") return [0, Math.max(...[curve, ...beneath].map((each) => peak(each.values))) + 0.5];
  const level = curve.values.find((value) => value !== null);
  const isFlat = level && beneath.length === 0 && curve.values.every((value) => value === null || value === level);
  return isFlat ? [level - Math.abs(level) / 2, level + Math.abs(level) / 2] : null;
}

/** Whether the axis shows each step: there is no step 1.5, and where there are more than a few a mark for each would take seconds. */
export function countsSteps(curve, look, range) {
  return look.axis === "step" && curve.steps.at(-1) - curve.steps[0] < 6 && !range;
}

export function layout(curve, beneath, look, paint, range) {
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12, color: paint.text };
  const axis = { gridcolor: paint.grid, zeroline: false, linecolor: paint.grid, tickfont: font, automargin: true };
  const title = (text) => (look.small ? undefined : { text, font, standoff: 12 });
  const y = yRange(curve, look, beneath);
  const xType = look.axis === "time" ? "date" : "linear";
  return {
    autosize: true,
    uirevision: `${look.axis}${range ? "zoomed" : "free"}`,
    margin: look.small ? { l: 8, r: 8, t: 6, b: 8 } : { l: 8, r: 12, t: 8, b: 8 },
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
    legend: { orientation: "h", x: 1, xanchor: "right", y: 1, yanchor: "bottom", font },
    hovermode: "x",
    hoverdistance: 30,
    dragmode: coarse() ? false : "zoom",
    hoverlabel: { bgcolor: paint.surface, bordercolor: paint.edge, align: "left", font: { ...font, color: paint.strong } },
    xaxis: {
      ...axis,
      title: title(X_TITLES[look.axis]),
      type: xType,
      // A zoom is kept; where there is none, Plotly must not keep the range that our last point had set.
      uirevision: range ? "zoomed" : curve.steps.length,
      showgrid: false,
      nticks: look.small ? (look.axis === "time" ? 3 : 4) : 8,
      ...(countsSteps(curve, look, range) ? { dtick: 1 } : {}),
      ...(range ? { range } : { autorange: true }),
    },
    yaxis: {
      ...axis,
      title: title(look.label),
      type: look.log ? "log" : "linear",
      // Plotly would write 0.4 as a small 4.
      tickformat: look.log ? "~g" : "",
      fixedrange: true,
      nticks: look.small ? 4 : 6,
      ...(look.stepped ? { rangemode: "tozero" } : {}),
      ...(y ? { range: y } : { autorange: true }),
    },
  };
}
