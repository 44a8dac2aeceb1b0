// The spikes of connectionist temporal classification: the output for each class in each column or at each moment.
"use strict";

const LEAST_SPIKE = 0.05; // what stays below is not drawn
const SIGN_LENGTH = 8; // letters of a class's name above its spike

// The names of classes side by side; with spaces where some are longer than a letter.
function readingText(classes, names) {
  return classes.map((kind) => visible(names[kind])).join(names.every((name) => [...name].length === 1) ? "" : " ");
}

// How likely a whole reading is, which of a long one may be next to nothing.
const sureTold = (share) => `It gives this reading ${share < 0.001 ? "less than 0.1 %" : percent(share)}.`;

function shortSign(name) {
  const letters = [...visible(name)];
  return letters.length > SIGN_LENGTH ? `${letters.slice(0, SIGN_LENGTH - 1).join("")}…` : letters.join("");
}

// A line over the middles of the columns, from 0 below to 1 above.
function spikeLine(values, attributes) {
  const places = values.map((value, at) => `${at + 0.5} ${(1 - (Number.isFinite(value) ? value : 0)).toFixed(4)}`);
  return makeSvg("path", { d: `M${places.join("L")}`, ...attributes });
}

// Classes that are not read and yet have an output that is drawn.
function classesUnread(reading) {
  const read = new Set(reading.classes);
  const highest = (kind) => Math.exp(Math.max(...reading.logP.map((column) => column[kind + 1])));
  return Array.from({ length: reading.logP[0].length - 1 }, (_, kind) => kind)
    .filter((kind) => !read.has(kind) && highest(kind) >= LEAST_SPIKE);
}

// Which line is which: those that are read bear their signs, the others are named here.
function spikeLegend(reading, names) {
  const unread = classesUnread(reading).map((kind) => visible(names[kind]));
  const entry = (kind, told) => make("li", {}, make("span", { class: `swatch ${kind}` }), told);
  return [
    ...(reading.classes.length ? [entry("read", "what is read, named above its peak")] : []),
    ...(unread.length ? [entry("unread", `not read: ${unread.join(", ")}`)] : []),
    entry("blank", "nothing new"),
  ];
}

// What is drawn of a reading, in a drawing one unit wide for each column: where each class that was read lies, and lines.
function spikeParts(reading, columns) {
  const read = new Set(reading.classes);
  const bands = reading.spans.map(([first, last]) =>
    makeSvg("rect", { class: "span", x: first, width: last + 1 - first, y: 0, height: 1 }));
  const shares = reading.logP.map((column) => column.map(Math.exp));
  const outputs = [...read, ...classesUnread(reading)].sort((a, b) => a - b)
    .map((kind) => spikeLine(shares.map((column) => column[kind + 1]), { class: read.has(kind) ? "spike" : "spike unread" }));
  const blank = spikeLine(shares.map((column) => column[BLANK]), { class: "spike blank" });
  return [makeSvg("path", { class: "cross", d: `M0 1H${columns}M0 0H${columns}` }), ...bands, blank, ...outputs];
}

// Signs above the spikes; where names are long, every second one stands higher.
function spikeSigns(reading, names, columns) {
  const long = names.some((name) => [...name].length > 2);
  return reading.classes.map((kind, index) => {
    const sign = make("b", { class: long && index % 2 ? "sign higher" : "sign" }, shortSign(names[kind]));
    sign.style.insetInlineStart = `${(100 * (reading.peaks[index] + 0.5)) / columns}%`;
    return sign;
  });
}

// A drawing that show(reading, names) fills; what it says stands in words, too.
function spikeChart(what) {
  const drawing = makeSvg("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
  const element = make("div", { class: "spikes", role: "img" }, drawing);
  const legend = make("ul", { class: "legend" });
  return {
    element, legend,
    show(reading, names) {
      const columns = reading.logP.length;
      drawing.setAttribute("viewBox", `0 0 ${columns} 1`);
      drawing.replaceChildren(...spikeParts(reading, columns));
      element.replaceChildren(drawing, ...spikeSigns(reading, names, columns));
      legend.replaceChildren(...spikeLegend(reading, names));
      const read = reading.classes.map((kind, i) => `${visible(names[kind])}, ${percent(reading.scores[i])}`);
      element.setAttribute("aria-label", `${what}: ${read.join("; ") || "nothing is read"}`);
    },
  };
}
