// A passage under the microscope: what surprised the network, what its units held, and how far back each guess looked.
"use strict";

const ALTERNATIVES = 6;
const READING = 24; // milliseconds of each frame in which the passage is read

const bitsOf = (probability) => -Math.log2(Math.max(probability, 1e-12));

// Reads the passage a few letters a frame; then each letter has what was expected there and what the units held after it.
function readPassage(alive, done) {
  const { ids, ledIn } = alive.data.microscope;
  const network = textNetwork(alive.data, alive.networks[0].weights());
  const read = [];
  let logits = null;
  let place = 0;
  (function go() {
    const end = performance.now() + READING;
    for (; place < ids.length && performance.now() < end; place += 1) {
      if (place >= ledIn) {
        const shares = softmax(logits);
        const order = [...shares.keys()].sort((a, b) => shares[b] - shares[a]).slice(0, ALTERNATIVES);
        read.push({ bits: bitsOf(shares[ids[place]]), share: shares[ids[place]], order: order.map((id) => [id, shares[id]]) });
      }
      logits = network.next(ids[place]);
      if (place >= ledIn) read[read.length - 1].units = network.units().slice();
    }
    if (place < ids.length) setTimeout(go);
    else done(read);
  })();
}

// A colour as strong as a share says, from -1 to 1: `more` above 0, blue below.
function tint(element, share, more = "--accent") {
  const strength = Math.round(Math.min(1, Math.abs(share)) * 75);
  element.style.backgroundColor = `color-mix(in srgb, var(${share < 0 ? "--less" : more}) ${strength}%, transparent)`;
}

// What a letter can be coloured by: { name, value (from -1 to 1, of a letter that was read), ends (in words), more (a
// colour) }. The sign of a unit that falls where there is more of its feature is turned, as in the figure of the gates:
// red is always more of it.
function coloursOf(microscope) {
  const surprise = { name: "surprise", value: (one) => Math.min(1, one.bits / 8), ends: ["expected", "a surprise"], more: "--accent" };
  const units = microscope.units.map(({ feature, unit, correlation }) => {
    const sign = correlation < 0 ? -1 : 1;
    return {
      name: `unit ${unit}: ${feature} (correlation ${Math.abs(correlation).toFixed(2)}${sign < 0 ? ", sign turned" : ""})`,
      value: (one) => sign * one.units[unit], ends: ["less", `more: ${feature}`], more: "--more",
    };
  });
  return [surprise, ...units];
}

const anyUnit = (number) => ({ value: (one) => one.units[number], ends: ["below 0", "above 0"], more: "--more" });

// The two ends of a colour in words.
function colourLegend() {
  const [low, high] = [make("span", {}), make("span", {})];
  const bar = make("span", { class: "ramp" });
  return {
    element: make("p", { class: "small ends" }, low, bar, high),
    show({ ends, more }) {
      [low.textContent, high.textContent] = ends;
      bar.className = `ramp ${more === "--more" ? "both" : ""}`;
    },
  };
}

function microscopeControls(microscope, repaint) {
  const colours = coloursOf(microscope);
  const last = microscope.hidden - 1;
  const choice = make("select", { change: repaint },
    ...colours.map(({ name }, index) => make("option", { value: index }, name)), make("option", { value: "any" }, "a unit by its number"));
  const unit = make("input", { type: "number", min: "0", max: String(last), value: "0", input: repaint });
  const numbered = labelled(`unit, 0 to ${last}`, unit);
  const refused = make("p", { class: "small", role: "status" });
  const legend = colourLegend();
  let number = 0;
  // The colour that is chosen; a number that no unit has is said, and the unit before it stays.
  function colour() {
    numbered.hidden = choice.value !== "any";
    const isUnit = /^\d+$/.test(unit.value) && Number(unit.value) <= last;
    refused.textContent = numbered.hidden || isUnit ? "" : `There is no such unit: they are numbered from 0 to ${last}. Unit ${number} is shown.`;
    if (isUnit) number = Number(unit.value);
    const chosen = numbered.hidden ? colours[Number(choice.value)] : anyUnit(number);
    legend.show(chosen);
    return chosen;
  }
  return { colour, element: make("div", {}, make("div", { class: "controls" }, labelled("coloured by", choice), numbered), refused, legend.element) };
}

// Marks the letters that the guess of one letter depended on, each by its share of the one that counted most.
function markReach(microscope, reach, spans, index) {
  spans.forEach((span) => { span.style.boxShadow = ""; });
  for (let lag = 1; lag <= Math.min(microscope.lags, index); lag += 1) {
    const share = reach[index * microscope.lags + lag - 1] / 255;
    if (share > 0.02) {
      spans[index - lag].style.boxShadow =
        `inset 0 -${Math.max(2, Math.round(6 * share))}px 0 color-mix(in srgb, var(--ink) ${Math.round(100 * share)}%, transparent)`;
    }
  }
}

// The letter by which half of the gradient has come together, counted from the nearest.
function halfReach(microscope, reach, index) {
  const own = reach.slice(index * microscope.lags, (index + 1) * microscope.lags);
  const sum = own.reduce((a, b) => a + b, 0);
  let gathered = 0;
  return 1 + own.findIndex((value) => (gathered += value) >= sum / 2);
}

// Every passage of the page that was read: networks that read the same one are compared, letter by letter.
const benches = [];

const samePassage = (one, other) => one.text === other.text && one.data.microscope.ledIn === other.data.microscope.ledIn;

// How far back one network looked for the letter at `index`: the letters before it, each as strong as it counted.
function lookedBack(bench, index) {
  const { ids, ledIn, lags } = bench.data.microscope;
  const at = ledIn + index;
  const before = ids.slice(at - lags, at).map((id, place) => {
    const letter = make("span", {}, letterSign(bench.letters.letter(id)));
    tint(letter, bench.reach[index * lags + lags - 1 - place] / 255);
    return letter;
  });
  const half = halfReach(bench.data.microscope, bench.reach, index);
  return make("li", { class: `run-${bench.run}` },
    make("b", {}, bench.name), make("span", {}, ` gave it ${percent(bench.read[index].share)}; half of that hangs on the last ${half}`),
    make("span", { class: "back", "aria-hidden": "true" }, ...before));
}

// Of all networks that read this passage, where there are several: a list that `fill` brings to a letter.
function makeComparison(bench) {
  const list = make("ul", { class: "looked", "aria-label": "how far back each network looked" });
  const fill = (index) => {
    const others = benches.filter((one) => samePassage(one, bench));
    if (others.length > 1) list.replaceChildren(...others.map((one) => lookedBack(one, index)));
  };
  return { list, fill };
}

function makeInspector(bench, spans) {
  const { letters, read, reach, data: { microscope } } = bench;
  const { one } = letters;
  const told = make("p", { class: "told", "aria-live": "polite" }, 
    `Point at a ${one} or tap it.`, keyHint(` The arrow keys go from ${one} to ${one}.`));
  const bars = make("ol", { class: "bars", "aria-label": "what was expected there" });
  const comparison = makeComparison(bench);
  let at = -1;
  function select(index) {
    spans[at]?.classList.remove("chosen");
    at = Math.min(read.length - 1, Math.max(0, index));
    spans[at].classList.add("chosen");
    const id = microscope.ids[microscope.ledIn + at];
    told.textContent = `${letterSign(letters.letter(id))} was given ${percent(read[at].share)}: `
      + `${read[at].bits.toFixed(1)} bits of surprise. Half of what the guess hangs on lies within the last `
      + `${halfReach(microscope, reach, at)} ${one}s.`;
    fillBars(bars, read[at].order.map(([other, share]) => [letterSign(letters.letter(other)), share]));
    markReach(microscope, reach, spans, at);
    comparison.fill(at);
  }
  const element = make("div", { class: "inspector" }, told, bars, comparison.list);
  return { select, move: (step) => select(at + step), element };
}

function startMicroscope(root, alive, letters) {
  const { microscope } = alive.data;
  const { one } = letters;
  const passage = make("div", {
    class: "passage", tabindex: "0", role: "group",
    "aria-label": `held-out text; the arrow keys go from ${one} to ${one}`,
  });
  const section = make("div", { class: "microscope" },
    make("h3", {}, "Under the microscope"),
    make("p", { class: "about" }, "Held-out text, which it never learned from. "
      + `Lines below ${one}s show how far back the guess of the chosen ${one} looked.`),
    make("div", { class: "bench" }, passage));
  root.append(section);
  const spans = microscope.ids.slice(microscope.ledIn).map((id, index) => {
    const letter = letters.letter(id);
    return make("span", { "data-index": index }, letter === "\n" ? "↵\n" : visible(letter));
  });
  passage.append(...spans);
  readPassage(alive, (read) => {
    const repaint = () => {
      const { value, more } = controls.colour();
      spans.forEach((span, index) => tint(span, value(read[index]), more));
    };
    const controls = microscopeControls(microscope, repaint);
    const text = microscope.ids.map(letters.letter).join("");
    const bench = { ...alive, letters, read, text, reach: bytesOf(microscope.reach) };
    benches.push(bench);
    const inspector = makeInspector(bench, spans);
    passage.parentElement.before(controls.element);
    passage.after(inspector.element);
    for (const kind of ["pointerover", "click"]) passage.addEventListener(kind, (event) => {
      if (event.target.dataset.index !== undefined) inspector.select(Number(event.target.dataset.index));
    });
    passage.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -40, ArrowDown: 40, Home: -Infinity, End: Infinity }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      inspector.move(step);
    });
    repaint();
    section.dataset.read = "";
  });
}
