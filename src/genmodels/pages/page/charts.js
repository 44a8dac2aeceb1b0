// Curves: drawn from their numbers, which stand under the pointer and under the arrow keys.
"use strict";

const CHART = { width: 640, height: 280, left: 48, right: 12, top: 12, bottom: 42 };

// Round numbers that divide a stretch into about so many parts.
function ticksBetween(low, high, about = 5) {
  const rough = (high - low || 1) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= rough);
  const ticks = [];
  for (let tick = Math.ceil(low / step - 1e-9) * step; tick <= high + step * 1e-9; tick += step) {
    ticks.push(Number(tick.toPrecision(12)));
  }
  return ticks;
}

const NEAR = 0.01; // of the whole stretch: what was seen while training stands no nearer to an evaluation

// Where the pointer stops: where something was measured on held-out data, or anything at all; and between these where
// something was seen while training.
function placesOf(lines) {
  const placesIn = (some) => some.flatMap((line) => line.points.map(([x]) => x));
  const held = lines.filter((line) => line.held);
  const places = placesIn(held.length ? held : lines);
  const every = placesIn(lines);
  const near = NEAR * (Math.max(...every) - Math.min(...every));
  const seen = placesIn(lines.filter((line) => line.running)).filter((x) => places.every((at) => Math.abs(at - x) > near));
  return [...new Set([...places, ...seen])].sort((a, b) => a - b);
}

// How numbers become places in the drawing; points without a number are left out.
function scalesOf(lines, width) {
  const points = lines.flatMap((line) => line.points);
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const room = (Math.max(...ys) - Math.min(...ys) || 1) * 0.06;
  const [low, high] = [Math.min(...ys) - room, Math.max(...ys) + room];
  const across = width - CHART.left - CHART.right;
  const down = CHART.height - CHART.top - CHART.bottom;
  return {
    xs: placesOf(lines), width, left, right, low, high,
    x: (value) => CHART.left + (across * (value - left)) / (right - left || 1),
    y: (value) => CHART.top + (down * (high - value)) / (high - low),
  };
}

// Whole epochs, where there are two at least; the one place itself where there is no stretch.
function ticksAcross(scales, chart) {
  if (scales.left === scales.right) return [scales.left];
  const ticks = ticksBetween(scales.left, scales.right, scales.width / 80);
  const whole = ticks.filter((x) => x % 1 === 0);
  return chart.across === "epoch" && whole.length > 1 ? whole : ticks;
}

function axesOf(scales, chart) {
  const axes = makeSvg("g", { class: "axes" });
  for (const tick of ticksBetween(scales.low, scales.high)) {
    const y = scales.y(tick);
    axes.append(
      makeSvg("line", { x1: CHART.left, x2: scales.width - CHART.right, y1: y, y2: y }),
      makeSvg("text", { x: CHART.left - 8, y: y + 4, "text-anchor": "end" }, short(tick)),
    );
  }
  for (const tick of ticksAcross(scales, chart)) {
    axes.append(makeSvg("text", { x: scales.x(tick), y: CHART.height - 20, "text-anchor": "middle" }, short(tick)));
  }
  const middle = (CHART.left + scales.width - CHART.right) / 2;
  axes.append(makeSvg("text", { x: middle, y: CHART.height - 3, "text-anchor": "middle" }, chart.across));
  return axes;
}

const MOST_DOTS = 40;

// What a line is: measured on held-out data, on longer ones than it learned from, on what it learned from, or what was
// seen while it learned. Each kind has a look of its own, as each run has a colour.
const kindOf = (line) => (line.held ? "held-out" : ["longer", "running"].find((kind) => line[kind]) ?? "trained");

// A dot for an evaluation; those of longer data are squares on a corner.
function dotOf(line, cx, cy) {
  const kind = { class: `dot ${kindOf(line)}` };
  return line.longer ? makeSvg("path", { ...kind, d: `M${cx} ${cy}m0 -4l4 4l-4 4l-4 -4z` }) : makeSvg("circle", { ...kind, cx, cy, r: 3 });
}

const hasCourse = (line) => line.running || line.points.length > 2;

// A line, and a dot for each evaluation; two evaluations show no course, so no line joins them.
function pathOf(line, scales) {
  const places = line.points.map(([x, y]) => [scales.x(x).toFixed(1), scales.y(y).toFixed(1)]);
  const path = makeSvg("path", { class: `curve ${kindOf(line)}`, d: `M${places.map((place) => place.join(" ")).join("L")}` });
  if (line.running || places.length > MOST_DOTS) return [path];
  const dots = places.map(([cx, cy]) => dotOf(line, cx, cy));
  return hasCourse(line) ? [path, ...dots] : dots;
}

function bestOf(line, scales) {
  const point = line.points.find(([x]) => x === line.best);
  return point ? [makeSvg("circle", { class: "best", cx: scales.x(point[0]), cy: scales.y(point[1]), r: 6 })] : [];
}

// What a line has at a place: of one that was seen while training the nearest point, but nothing before its first and
// nothing further from it than its points are from one another; of others what was measured just there, or nothing.
function valueAt(line, x) {
  const [nearest] = [...line.points].sort((a, b) => Math.abs(a[0] - x) - Math.abs(b[0] - x));
  const [first, last] = [line.points[0][0], line.points[line.points.length - 1][0]];
  const gap = line.running ? (last - first) / Math.max(1, line.points.length - 1) : 0;
  return x >= first - 1e-9 && Math.abs(nearest[0] - x) <= gap + 1e-9 ? nearest[1] : null;
}

// The sentence under the chart.
function valuesAt(chart, x) {
  const told = chart.lines.map((line) => {
    const value = valueAt(line, x);
    return value === null ? null : `${line.name}: ${short(value)}`;
  });
  return `${chart.across} ${short(x)} — ${told.filter(Boolean).join(" · ")}`;
}

// The moving mark: by the pointer to the nearest place, by the arrow keys from place to place.
function followPointer(figure, drawing, scales, chart, output) {
  const mark = makeSvg("line", { class: "mark", y1: CHART.top, y2: CHART.height - CHART.bottom });
  drawing.append(mark);
  let place = scales.xs.length - 1;
  function go(index) {
    place = Math.min(scales.xs.length - 1, Math.max(0, index));
    const x = scales.x(scales.xs[place]);
    mark.setAttribute("x1", x);
    mark.setAttribute("x2", x);
    output.textContent = valuesAt(chart, scales.xs[place]);
  }
  const point = (event) => {
    const box = drawing.getBoundingClientRect();
    const at = event.clientX - box.left;
    const gaps = scales.xs.map((x) => Math.abs(scales.x(x) - at));
    go(gaps.indexOf(Math.min(...gaps)));
  };
  for (const kind of ["pointerdown", "pointermove"]) drawing.addEventListener(kind, point);
  figure.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    go(place + step);
  });
  go(place);
}

// What stands for a line: a stroke of it, or a dot where only dots are drawn.
const swatchOf = (line) => `swatch ${kindOf(line)}${hasCourse(line) ? "" : " dots"}`;

function legendOf(chart) {
  const entries = chart.lines.map((line) =>
    make("li", { class: line.colour }, make("span", { class: swatchOf(line) }), line.name));
  return make("ul", { class: "legend" }, ...entries);
}

// chart: { title, across, lines: [{ name, colour (a class), held, running, longer, best, points: [[x, y], ...] }] }
// hint: what may be done with a chart, said below one of them.
function drawChart(root, chart, hint = "") {
  const lines = chart.lines.map((line) => ({ ...line, points: line.points.filter(([, y]) => y !== null) }));
  const known = { ...chart, lines: lines.filter((line) => line.points.length > 0) };
  if (known.lines.length === 0) return;
  const width = Math.max(240, root.clientWidth || CHART.width);
  const scales = scalesOf(known.lines, width);
  const drawing = makeSvg("svg", { viewBox: `0 0 ${width} ${CHART.height}`, "aria-hidden": "true" });
  drawing.append(axesOf(scales, known));
  for (const line of known.lines) {
    drawing.append(makeSvg("g", { class: line.colour }, ...pathOf(line, scales), ...bestOf(line, scales)));
  }
  const output = make("output", { "aria-live": "polite" });
  const figure = make("div", {
    class: "chart", tabindex: "0", role: "group", "aria-label": `${chart.title}; the arrow keys go from value to value`,
  }, drawing, output);
  followPointer(figure, drawing, scales, known, output);
  const before = root.querySelector(":scope > h3"); // which may link words
  const title = before?.textContent === chart.title ? before : make("h3", {}, chart.title);
  root.replaceChildren(title, figure, legendOf(known), hint ? make("p", { class: "small" }, hint) : "");
}
