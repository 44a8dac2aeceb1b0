// A language model: it writes letter by letter, and shows what it expects next.
"use strict";

// ---- the network ------------------------------------------------------------------------------

const readout = (weights, h) => linear(
  weights["readout.linear.weight"], weights["readout.linear.bias"],
  layerNorm(weights["readout.norm.weight"], weights["readout.norm.bias"], h),
);

// A recurrent network: next(id) reads one letter and gives the logits of the one after it.
function recurrentText(data, weights) {
  const step = CELL_STEPS[data.model];
  const cells = Array.from({ length: data.layers }, (_, i) => part(weights, `layers.${i}`));
  const size = cells[0].weight_hh_l0.shape[1];
  let states;
  const network = {
    reset() {
      states = cells.map(() => ({ h: new Float32Array(size), c: new Float32Array(size) }));
    },
    next(id) {
      let x = embedding(weights["embedding.weight"], id);
      cells.forEach((cell, i) => {
        states[i] = step(cell, x, states[i]);
        x = states[i].h;
      });
      return readout(weights, x);
    },
    // What the units of the last layer hold: tanh(c) of an LSTM, else h.
    units() {
      const last = states[states.length - 1];
      return data.model === "lstm" ? last.c.map(Math.tanh) : last.h;
    },
  };
  network.reset();
  return network;
}

// A window of letters, side by side through tanh layers; row 0 of the table stands before the text's beginning.
function windowText(data, weights) {
  const matrices = Array.from({ length: data.layers }, (_, i) => part(weights, `layers.${i}`));
  const table = weights["embedding.weight"];
  const width = table.shape[1];
  let seen, x;
  const network = {
    reset() {
      seen = new Array(data.context).fill(0);
    },
    next(id) {
      seen = [...seen.slice(1), id + 1];
      x = new Float32Array(data.context * width);
      seen.forEach((row, i) => x.set(embedding(table, row), i * width));
      for (const { weight, bias } of matrices) x = linear(weight, bias, x).map(Math.tanh);
      return readout(weights, x);
    },
    units: () => x,
  };
  network.reset();
  return network;
}

const NETWORKS = { feedforward: windowText, rnn: recurrentText, gru: recurrentText, lstm: recurrentText };

function textNetwork(data, weights) {
  return NETWORKS[data.model](data, weights);
}

// The logits after some letters, read from nothing.
function logitsAfter(network, ids) {
  network.reset();
  let logits = null;
  for (const id of ids) logits = network.next(id);
  return logits;
}

// ---- letters and ids ---------------------------------------------------------------------------

// characters: code points by id, or null where ids are bytes.
function textLetters(characters) {
  const idOf = characters && new Map(characters.map((code, id) => [code, id]));
  const letter = (id) => String.fromCodePoint(characters ? characters[id] : id);
  return {
    letter,
    one: characters ? "letter" : "byte", // what an id is called
    encode(text) {
      if (!characters) return [...new TextEncoder().encode(text)];
      return Array.from(text, (one) => idOf.get(one.codePointAt(0))).filter((id) => id !== undefined);
    },
    unknown(text) {
      return characters ? [...new Set(text)].filter((one) => !idOf.has(one.codePointAt(0))) : [];
    },
    decode(ids) {
      return characters ? ids.map(letter).join("") : new TextDecoder().decode(Uint8Array.from(ids));
    },
  };
}

// ---- one network that writes -------------------------------------------------------------------

const MOST_BARS = 8;

// A column of the section: what one network has written, and the bars of what it expects next.
function makeWriter(alive, stored, letters) {
  const output = make("p", { class: "written" });
  const bars = make("ol", { class: "bars", "aria-label": `the next ${letters.one}s that ${stored.name} expects` });
  const element = make("div", { class: "writer" },
    make("h3", {}, stored.name), output, make("p", { class: "small" }, "expected next, at this temperature"), bars);
  let network, logits, ids, prompt, random;

  return {
    element,
    begin(text, seed) {
      network ??= textNetwork(alive.data, stored.weights());
      prompt = letters.encode(text);
      random = randomNumbers(seed);
      ids = [];
      logits = prompt.length > 0 ? logitsAfter(network, prompt) : null;
    },
    step(temperature) {
      if (logits === null) return;
      const id = sample(logits, temperature, random());
      ids.push(id);
      logits = network.next(id);
    },
    text: () => letters.decode(ids),
    hasBegun: () => logits !== null,
    toBeginning() {
      output.scrollTop = 0;
    },
    show(temperature, follow) {
      output.replaceChildren(
        make("span", { class: "prompt" }, visible(letters.decode(prompt))), visible(letters.decode(ids)));
      if (follow) output.scrollTop = output.scrollHeight;
      if (logits === null) {
        fillBars(bars, []); // else they would be those of the text before
        return;
      }
      const shares = softmax(logits, Math.max(temperature, 0.01));
      const order = [...shares.keys()].sort((a, b) => shares[b] - shares[a]).slice(0, MOST_BARS);
      fillBars(bars, order.map((id) => [letterSign(letters.letter(id)), shares[id]]));
    },
  };
}

// ---- the section --------------------------------------------------------------------------------

const SPEEDS = { slowly: 8, "at reading speed": 40, "as fast as it can": Infinity }; // letters a second
const FRAME = 12; // milliseconds of each frame in which letters are written
const MOST_LETTERS = 2000;

function textControls(alive, letters) {
  const prompt = make("textarea", { rows: "2", spellcheck: "false" });
  prompt.value = visible(letters.decode(alive.data.prompt));
  const shown = make("output", {}, "0.75");
  const temperature = make("input", { type: "range", min: "0", max: "2", step: "0.05", value: "0.75" });
  temperature.addEventListener("input", () => { shown.textContent = Number(temperature.value).toFixed(2); });
  const speed = make("select", {}, ...Object.keys(SPEEDS).map((name) => make("option", {}, name)));
  speed.value = prefersStillness() ? "as fast as it can" : "at reading speed";
  return { prompt, temperature, shown, speed };
}

// So many letters of all writers, or as many as there is time for in a frame; gives how many.
function stepAll(writers, steps, temperature) {
  const end = performance.now() + FRAME;
  let done = 0;
  while (done < steps && (done === 0 || steps > MOST_IN_A_FRAME || performance.now() < end)) {
    writers.forEach((writer) => writer.step(temperature));
    done += 1;
  }
  return done;
}

// Starts, stops and steps all writers together; tell(running, whether it is done) is called when that changes.
function makePress(writers, controls, tell) {
  const temperature = () => Number(controls.temperature.value);
  let running = false, seed = 1;
  const show = (follow = false) => writers.forEach((writer) => writer.show(temperature(), follow));
  const press = {
    begin() {
      writers.forEach((writer) => writer.begin(controls.prompt.value, seed));
      show();
    },
    step(steps = 1) {
      const done = stepAll(writers, steps, temperature());
      show(true);
      return done;
    },
    again() {
      seed += 1;
      press.write();
    },
    stop(done = false) {
      running = false;
      tell(running, done);
    },
    run() {
      if (running || !writers.every((writer) => writer.hasBegun())) return; // startText says what it lacks
      running = true;
      tell(running, false);
      atPace(() => SPEEDS[controls.speed.value], () => running, press.step, () => press.stop(true), MOST_LETTERS);
    },
    write() {
      press.begin();
      press.run();
    },
    one() {
      press.stop();
      press.step();
    },
    isRunning: () => running,
    show: () => show(),
    reset() {
      press.stop();
      press.begin();
    },
  };
  return press;
}

function textButtons(press, toggle, letters) {
  return make("div", { class: "buttons" }, toggle, button("Go on", press.run), button(`One ${letters.one}`, press.one),
    button("Another text", press.again));
}

// What a beginning lacks, or what of it is left out; nothing where all of it is read.
function beginningTold(letters, text) {
  const strangers = letters.unknown(text);
  const passedOver = strangers.length ? `It never saw ${strangers.map(letterSign).join(" ")}, and passes it over` : "";
  if (letters.encode(text).length > 0) return passedOver && `${passedOver}.`;
  return passedOver ? `${passedOver}: give it at least one ${letters.one} that it knows.` : `Give it at least one ${letters.one} to begin with.`;
}

function startText(root, alive) {
  const letters = textLetters(alive.data.characters);
  const writers = alive.networks.map((stored) => makeWriter(alive, stored, letters));
  const controls = textControls(alive, letters);
  const toggle = button("Write", () => (press.isRunning() ? press.stop() : press.write()), { class: "main" });
  const ended = make("p", { class: "small", role: "status" });
  const press = makePress(writers, controls, (running, done) => {
    toggle.textContent = running ? "Stop" : "Write";
    ended.textContent = done ? `That was ${MOST_LETTERS.toLocaleString("en")} ${letters.one}s. “Go on” writes as many more.` : "";
  });
  const beginning = make("p", { class: "small", role: "status" });
  controls.temperature.addEventListener("input", press.show);
  controls.prompt.addEventListener("input", () => {
    beginning.textContent = beginningTold(letters, controls.prompt.value);
    press.reset();
  });
  root.append(
    make("div", { class: "controls" },
      labelled("beginning", controls.prompt),
      labelled("temperature", controls.temperature, controls.shown),
      labelled("pace", controls.speed),
      textButtons(press, toggle, letters)),
    beginning, ended,
    make("div", { class: "writers" }, ...writers.map((writer) => writer.element)),
  );
  press.begin();
  press.step(alive.data.length);
  writers.forEach((writer) => writer.toBeginning());
  if (alive.data.microscope) startMicroscope(root, alive, letters);
}

parts.text = { start: startText, network: textNetwork, logits: logitsAfter, letters: textLetters };
