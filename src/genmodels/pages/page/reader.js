// A reader of strips: what is written with the finger is read stroke by stroke, with the spikes above the columns.
"use strict";

const LOWEST_PAPER = 120; // pixels of the screen that the paper is high, so that it may have room for fewer digits
const NARROWEST_PAPER = 76; // pixels of its own: three digits

// How a reading is shown: spikes above its strip, the reading in words, and its output for each digit in the surest column.
function readingView(data) {
  const spikes = data.model === "crnn" ? spikeChart("the output for each digit in each column of the strip") : null;
  const said = make("output", { class: "reading" });
  const sure = make("p", { class: "small sure" });
  const bars = make("ol", { class: "bars", "aria-label": spikes ? "its output for each digit in the surest column" : "what it sees in each place" });
  return {
    spikes: spikes ? [spikes.element] : [],
    legend: spikes ? [spikes.legend] : [],
    told: make("div", { class: "told-reading" }, said, sure, bars),
    show(reading, truth = null) {
      const { classes } = data;
      said.textContent = readingText(reading.classes, classes) || "nothing";
      sure.textContent = readingTold(data, reading, truth);
      if (spikes) spikes.show(reading, classes);
      fillBars(bars, spikes ? digitBars(reading, classes) : placeBars(reading, classes));
    },
  };
}

function readingTold(data, reading, truth) {
  if (reading.confidence === null) return "Nothing is written there, so there is nothing to read.";
  const sure = sureTold(reading.confidence);
  if (!truth) return sure;
  const right = truth.length === reading.classes.length && truth.every((kind, i) => kind === reading.classes[i]);
  const longer = truth.length > data.longest ? ` No training strip had more than ${data.longest}.` : "";
  return `${right ? "Right." : `Wrong: it is ${readingText(truth, data.classes)}.`} ${sure}${longer}`;
}

const digitBars = (reading, names) => reading.classes.map((kind, i) => [shortSign(names[kind]), reading.scores[i]]);

// Each place with its likeliest output, which may be that nothing is there.
function placeBars(reading, names) {
  return reading.logP.map((place) => {
    const output = largest(place);
    return [output === BLANK ? "–" : shortSign(names[output - 1]), Math.exp(place[output])];
  });
}

// Calls a function soon, however often it is asked for before, and leaves twice the time it took for everything else.
function atLeisure(work) {
  let asked = false;
  let took = 0;
  return () => {
    if (asked) return;
    asked = true;
    setTimeout(() => {
      asked = false;
      const begun = performance.now();
      work();
      took = performance.now() - begun;
    }, 2 * took);
  };
}

// ---- a number of one's own ---------------------------------------------------------------------------------

// As wide as there is room for, in whole columns, so that a finger can write on it.
function paperWidth(data, room) {
  return 4 * Math.floor(Math.min(data.paper, Math.max(NARROWEST_PAPER, (room * data.height) / LOWEST_PAPER)) / 4);
}

// What stands on the paper at first: a short strip of test digits that fits, or nothing.
function firstOnPaper(data, shape) {
  const fitting = data.strips.filter((strip) => strip.width <= shape[1]);
  const strip = fitting[fitting.length - 1];
  if (!strip) return new Float32Array(shape[0] * shape[1]);
  return resized(stripValues(strip), [shape[0], strip.width], shape);
}

const OWN_STRIP = "your writing: digits side by side, nearly as high as the paper";
const GIVEN_STRIP = "a strip of test digits, until you write";

function readerPaper(data, weights, room) {
  const shape = [data.height, paperWidth(data, room)];
  const view = readingView(data);
  const read = atLeisure(() => view.show(readStrip(data, weights(), paper.image(), shape)));
  const start = firstOnPaper(data, shape);
  const isGiven = start.some((value) => value > 0);
  const caption = make("figcaption", {}, isGiven ? GIVEN_STRIP : OWN_STRIP);
  const drawn = () => {
    caption.textContent = OWN_STRIP;
    read();
  };
  const paper = drawingPaper(shape, "light", drawn, { start, look: "strip" });
  const frame = make("figure", { class: "strip-frame" }, ...view.spikes, paper.element, ...view.legend, caption);
  frame.style.maxWidth = `${10 * shape[1]}px`;
  read();
  const told = isGiven ? "Your first stroke wipes away what stands there." : "Nothing stands there yet.";
  return make("div", {}, make("p", { class: "about" }, told, keyHint(PEN_KEYS)),
    frame, make("div", { class: "buttons" }, button("Clear", paper.clear)), view.told);
}

// ---- strips that it never saw ------------------------------------------------------------------------------

const stripValues = (strip) => Float32Array.from(bytesOf(strip.pixels), (value) => value / 255);

function stripCanvas(data, strip, name, attributes = {}) {
  const canvas = pictureCanvas([data.height, strip.width], name, { class: "pixels strip", ...attributes });
  paintPicture(canvas, stripValues(strip), "light");
  return canvas;
}

function readerStrips(data, weights) {
  const view = readingView(data);
  const frame = make("figure", { class: "strip-frame" });
  const choices = data.strips.map((strip, index) => {
    const name = `strip of ${strip.truth.length}: ${readingText(strip.truth, data.classes)}`;
    const choice = button("", () => choose(index), { class: "choice", "aria-pressed": "false", "aria-label": name });
    choice.append(stripCanvas(data, strip, "", { "aria-hidden": "true" }));
    return choice;
  });
  function choose(index) {
    const strip = data.strips[index];
    choices.forEach((choice, other) => choice.setAttribute("aria-pressed", String(other === index)));
    const canvas = stripCanvas(data, strip, `the strip: ${readingText(strip.truth, data.classes)}`);
    frame.replaceChildren(...view.spikes, canvas, ...view.legend);
    frame.style.maxWidth = `${6 * strip.width}px`;
    view.show(readStrip(data, weights(), stripValues(strip), [data.height, strip.width]), strip.truth);
  }
  choose(Math.floor(data.strips.length / 2));
  const beyond = data.strips.filter((strip) => strip.truth.length > data.longest).length;
  const longer = beyond ? `; the last ${beyond === 1 ? "one has" : `${beyond} have`} more digits than any that it learned from` : "";
  return make("div", {}, make("h3", {}, "Strips that it never saw"),
    make("p", { class: "about" }, `Made of test digits. Choose one${longer}.`),
    make("div", { class: "choices strips", role: "group", "aria-label": "strips of test digits" }, ...choices), frame, view.told);
}

const SPIKES_TOLD = "Above each column of the strip: the output for each digit there, and dashed that nothing new begins. Where a "
  + "digit is read, its place is shaded, and its bar is the output in the surest column, which is "
  + "no probability of the digit. The network was never told where digits are.";
const PLACES_TOLD = "This network has a fixed number of places, the first digit, the second and so on; it sees no more digits, and "
  + "each place says what is in it.";

function startReader(root, alive) {
  const { data } = alive;
  const { weights } = alive.networks[0];
  root.append(readerPaper(data, weights, root.clientWidth), make("p", { class: "about" }, data.model === "crnn" ? SPIKES_TOLD : PLACES_TOLD));
  if (data.strips.length > 0) root.append(readerStrips(data, weights));
}

parts.reader = { start: startReader, logits: readerLogits, read: readStrip };
