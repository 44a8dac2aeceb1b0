// A pixel model: it draws pixel by pixel with the probability of the next, and finishes what was begun, again and again.
"use strict";

const PIXEL_SPEEDS = { slowly: 12, "so that one can follow": 400, "as fast as it can": Infinity }; // pixels a second
const PIXEL_FRAME = 12; // milliseconds of each frame in which pixels are drawn
const MOST_PIXEL_BARS = 6;
const MOST_DRAWN = 12; // images that stay below
const DRAWN_AT_FIRST = 6;
const SURE = 0.7;

// By the side that the network draws: where that lies of the line, and where the rest does.
const ACROSS_LINE = {
  bottom: ["below", "above"], top: ["above", "below"], left: ["left of", "right of"], right: ["right of", "left of"],
};

// ---- one drawing ---------------------------------------------------------------------------------

// What the pad holds: an image of levels, of which some rows stay and the rest is the network's to draw.
function makeDrawing(alive, choices) {
  const { data } = alive;
  const size = data.shape[0] * data.shape[1];
  const given = new Uint8Array(size); // what was chosen or drawn by hand, the whole of it
  const image = new Uint8Array(size);
  const expected = new Float32Array(size); // the ink that the network expected at each pixel
  let walk, random, places;
  const turn = () => PIXEL_TURNS[choices.side()];
  const note = () => {
    const shares = pixelShares(walk.logits());
    expected[walk.place()] = shares.reduce((sum, share, level) => sum + share * inkOf(data, level), 0);
  };
  const drawing = {
    image, expected, given,
    // Back to what is given, which the network reads at once.
    begin(seed) {
      image.set(given);
      places = givenPlaces(data, turn(), choices.kept());
      expected.fill(NaN);
      random = randomNumbers(seed);
      walk = pixelWalk(data, choices.weights(), { image, turn: turn(), kept: choices.kept() });
      while (!walk.isDone() && walk.isKnown()) {
        note();
        walk.next(0);
      }
    },
    isDone: () => walk.isDone(),
    place: () => walk.place(),
    shares: () => pixelShares(walk.logits()),
    step() {
      note();
      walk.next(random());
    },
    mark: (canvas, colour) => lineBehind(canvas, data, turn(), choices.kept(), colour),
    isGiven: (at) => places[at] === 1,
    across: () => ACROSS_LINE[choices.side()],
    isAllDrawn: () => choices.kept() === 0,
    // The ink of each pixel, NaN where nothing is drawn yet.
    ink: () => Float32Array.from(image, (level, at) => (
      Number.isNaN(expected[at]) ? NaN : inkOf(data, level))),
  };
  return drawing;
}

// 1 where the image is given, as a number for each pixel.
function givenPlaces(data, turn, kept) {
  const places = new Uint8Array(data.shape[0] * data.shape[1]);
  for (let at = 0; at < kept * data.shape[1]; at += 1) places[uprightPlace(at, turn, data.shape)] = 1;
  return places;
}

// ---- what is shown --------------------------------------------------------------------------------

// What the levels are called beside their bars.
function levelName(data, level) {
  if (data.levels > 2) return `${level}`;
  return { light: ["paper", "ink"], dark: ["ink", "paper"], neither: ["black", "white"] }[data.ink][level];
}

function pixelView(data) {
  const hint = "Arrow keys move over the image, space inks a pixel that is not the network’s.";
  const pad = imageCanvas(data, PAD_CELL, { class: "image-pad", tabindex: "0", role: "application",
    "aria-label": `the image: draw here. ${hint}` });
  const expected = imageCanvas(data, PAD_CELL, { class: "image-pad", "aria-label": "the ink that the network expected at each pixel" });
  const next = make("p", { class: "small" });
  const bars = make("ol", { class: "bars", "aria-label": "how likely each value of the next pixel is" });
  const told = make("p", { class: "small", role: "status" });
  const drawn = make("ol", { class: "drawn", "aria-label": "what it drew from this beginning" });
  const none = make("p", { class: "small" }, "Nothing is drawn yet from this beginning: press Draw.");
  const whose = make("figcaption", {});
  const element = make("div", {},
    make("div", { class: "pads" },
      make("figure", {}, pad, whose),
      make("figure", {}, expected, make("figcaption", {}, "How much ink it expected at each pixel before it was there.")),
      make("div", { class: "expects" }, next, bars)),
    told, make("h3", {}, "Again and again"), none, drawn);
  return { pad, whose, expected, next, bars, told, none, drawn, element };
}

function showDrawing(view, data, drawing, cursor) {
  const { accent } = paintsOf(data);
  paintImage(view.pad, data, drawing.ink());
  paintImage(view.expected, data, drawing.expected);
  drawing.mark(view.pad, accent);
  view.none.hidden = view.drawn.children.length > 0;
  view.whose.textContent = drawing.isAllDrawn()
    ? "All of it is the network’s: let something stay, and you can draw that."
    : `Draw up to the line, with a finger or the mouse: what lies ${drawing.across()[0]} it is the network’s.`;
  if (cursor !== null) framePixel(view.pad, data, cursor, accent);
  if (drawing.isDone()) {
    view.next.textContent = "All pixels are drawn.";
    view.bars.replaceChildren();
    return;
  }
  const at = drawing.place();
  framePixel(view.pad, data, at, accent);
  view.next.textContent = `Next: row ${Math.floor(at / data.shape[1]) + 1}, column ${(at % data.shape[1]) + 1}`;
  const shares = [...drawing.shares()].map((share, level) => [levelName(data, level), share]);
  const shown = data.levels > 2 ? shares.sort((a, b) => b[1] - a[1]).slice(0, MOST_PIXEL_BARS) : shares.reverse();
  fillBars(view.bars, shown);
}

// A small copy of a finished image, the newest first.
function keepDrawn(view, data, drawing, number) {
  const canvas = imageCanvas(data, 4, { "aria-label": `drawing ${number}` });
  const ink = drawing.ink();
  paintImage(canvas, data, ink);
  canvas.repaint = () => paintImage(canvas, data, ink);
  view.drawn.prepend(make("li", {}, canvas));
  while (view.drawn.children.length > MOST_DRAWN) view.drawn.lastChild.remove();
  view.told.textContent = `Drawing ${number} is finished.`;
}

// ---- controls -------------------------------------------------------------------------------------

const pixelChoice = (names) => make("select", {}, ...names.map((name) => make("option", {}, visible(name))));

function pixelControls(alive) {
  const { data } = alive;
  const rows = data.shape[0];
  const stays = make("output", {});
  const controls = {
    network: pixelChoice(alive.networks.map((one) => one.name)),
    beginning: pixelChoice(["your own drawing", ...data.examples.map((one) => one.name)]),
    side: pixelChoice(data.orientations > 1 ? Object.keys(PIXEL_TURNS) : ["bottom"]),
    kept: make("input", { type: "range", min: "0", max: `${rows - 1}`, step: "1", value: `${Math.floor(rows / 2)}` }),
    speed: pixelChoice(Object.keys(PIXEL_SPEEDS)),
    stays,
  };
  controls.beginning.selectedIndex = data.examples.length > 0 ? 1 : 0;
  controls.speed.value = prefersStillness() ? "as fast as it can" : "so that one can follow";
  controls.choices = {
    weights: () => alive.networks[controls.network.selectedIndex].weights(),
    side: () => controls.side.value,
    kept: () => Number(controls.kept.value),
  };
  controls.tell = () => { stays.textContent = `${controls.kept.value} of ${rows}`; };
  controls.tell();
  return controls;
}

function pixelControlRow(alive, controls, buttons) {
  const several = (select) => select.options.length > 1;
  const chosen = [
    several(controls.network) && labelled("network", controls.network),
    labelled("begin with", controls.beginning),
    several(controls.side) && labelled("the network draws", controls.side),
    labelled(alive.data.orientations > 1 ? "rows or columns that stay" : "rows that stay", controls.kept, controls.stays),
    labelled("pace", controls.speed),
  ];
  return make("div", { class: "controls" }, ...chosen.filter(Boolean), make("div", { class: "buttons" }, ...buttons));
}

// One run at a time: another one, or a stop, ends the one before it.
function makeRunner(tell) {
  let running = 0, runs = 0; // which of the runs, 0 for none
  return {
    isRunning: () => running > 0,
    run(pace, step) {
      const own = (runs += 1);
      running = own;
      tell(true);
      atPace(pace, () => running === own, step, () => {}, Infinity);
    },
    stop() {
      running = 0;
      tell(false);
    },
  };
}

// Begins and steps drawings, each with a seed of its own.
function makePixelPress(drawing, view, alive, controls, runner) {
  let seed = 0, number = 0, cursor = null;
  const show = () => showDrawing(view, alive.data, drawing, cursor);
  const press = {
    show,
    // The next drawing, and in it pixel after pixel while one value is likelier than `sure`.
    begin(sure = 1) {
      drawing.begin((seed += 1));
      if (number > 0) view.told.textContent = `Drawing ${number} is finished, and drawing ${number + 1} is begun.`;
      while (!drawing.isDone() && Math.max(...drawing.shares()) > sure) drawing.step();
      show();
    },
    step(steps = 1) {
      if (drawing.isDone()) press.begin();
      const until = performance.now() + PIXEL_FRAME;
      let done = 0;
      for (; done < steps && !drawing.isDone() && (done === 0 || performance.now() < until); done += 1) drawing.step();
      if (drawing.isDone()) keepDrawn(view, alive.data, drawing, (number += 1));
      show();
      return done;
    },
    drawn: () => number,
    // From the beginning, as something of it has changed.
    anew() {
      runner.stop();
      number = 0;
      view.drawn.replaceChildren();
      view.told.textContent = "";
      press.begin();
    },
    moved(at) {
      cursor = at;
      show();
    },
  };
  return { ...press, ...pixelRuns(press, drawing, controls, runner) };
}

function pixelRuns(press, drawing, controls, runner) {
  return {
    run() {
      runner.run(() => PIXEL_SPEEDS[controls.speed.value], (steps) => {
        const done = press.step(steps);
        if (drawing.isDone()) runner.stop();
        return done;
      });
    },
    // So many drawings as fast as it can, and one more up to a pixel of which it is not sure.
    several(count) {
      runner.run(() => Infinity, (steps) => {
        const done = press.step(steps);
        if (press.drawn() >= count) {
          runner.stop();
          press.begin(SURE);
        }
        return done;
      });
    },
  };
}

// ---- the section ------------------------------------------------------------------------------------

// What the pad does: ink lands in the part that stays, and when a stroke ends the network goes on from there.
function padActions(data, drawing, view, controls, press) {
  let refused;
  return {
    begin() {
      refused = true;
      controls.beginning.selectedIndex = 0;
      press.anew();
    },
    put(at, ink) {
      if (!drawing.isGiven(at)) return;
      refused = false;
      const level = Math.round((data.ink === "dark" ? 1 - ink : ink) * (data.levels - 1));
      const darker = data.ink === "dark" ? Math.min : Math.max;
      drawing.given[at] = darker(drawing.given[at], level);
      drawing.image[at] = drawing.given[at];
    },
    shown: press.show,
    end() {
      press.begin();
      const [beyond, before] = drawing.across();
      if (refused) view.told.textContent = drawing.isAllDrawn() ? "All of it is the network’s: let something stay." :
        `What lies ${beyond} the line is the network’s: draw ${before} it, or let more stay.`;
      else press.run();
    },
    moved: press.moved,
  };
}

// Puts a beginning on the pad: a test image, or nothing where one is to be drawn.
function chooseBeginning(data, controls, drawing, press) {
  const example = data.examples[controls.beginning.selectedIndex - 1];
  if (example) drawing.given.set(bytesOf(example.levels));
  else drawing.given.fill(data.ink === "dark" ? data.levels - 1 : 0);
  press.anew();
  if (example) press.several(DRAWN_AT_FIRST);
}

function pixelButtons(toggle, runner, press, empty) {
  const one = () => {
    runner.stop();
    press.step();
  };
  const another = () => {
    runner.stop();
    press.begin();
    press.run();
  };
  return [toggle, button("One pixel", one), button("Another", another), button("Empty pad", empty)];
}

function startPixels(root, alive) {
  const { data } = alive;
  const controls = pixelControls(alive);
  const drawing = makeDrawing(alive, controls.choices);
  const view = pixelView(data);
  const toggle = button("Draw", () => (runner.isRunning() ? runner.stop() : press.run()), { class: "main" });
  const runner = makeRunner((running) => { toggle.textContent = running ? "Stop" : "Draw"; });
  const press = makePixelPress(drawing, view, alive, controls, runner);
  const choose = () => chooseBeginning(data, controls, drawing, press);
  const empty = () => {
    controls.beginning.selectedIndex = 0;
    choose();
  };
  view.pad.parentElement.after(pixelControlRow(alive, controls, pixelButtons(toggle, runner, press, empty)));
  root.append(view.element);
  controls.beginning.addEventListener("change", choose);
  for (const one of [controls.network, controls.side]) one.addEventListener("change", press.anew);
  controls.kept.addEventListener("input", () => {
    controls.tell();
    press.anew();
  });
  makePad(view.pad, data, padActions(data, drawing, view, controls, press));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    press.show();
    view.drawn.querySelectorAll("canvas").forEach((canvas) => canvas.repaint());
  });
  choose();
}

parts.pixelrnn = { start: startPixels, logits: pixelLogits, walk: pixelWalk };
