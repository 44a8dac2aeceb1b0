// A generator: it draws on the way from one code to another, and what each epoch drew of the same codes.
"use strict";

// ---- the networks -------------------------------------------------------------------------------

const GENERATORS = {
  mlp: (weights, data, code) => denseLayers(weights, "layers", code, activations.relu),
  dcgan(weights, data, code) {
    const relu = (x) => x.map((value) => Math.max(0, value));
    const up = { stride: 2, padding: 1 };
    const start = linear(weights["start.weight"], weights["start.bias"], code);
    let maps = convTransposed2d(weights["layers.1.weight"], weights["layers.1.bias"], relu(start), data.shape.map(quarter), up);
    maps = convTransposed2d(weights["layers.3.weight"], weights["layers.3.bias"], relu(maps.values), maps.size, up);
    maps = conv2d(weights["layers.5.weight"], weights["layers.5.bias"], relu(maps.values), maps.size, { padding: 1 });
    return resized(maps.values, maps.size, data.shape);
  },
};

// generate(code) gives a logit for every pixel.
function ganNetwork(data, weights) {
  return (code) => GENERATORS[data.model](weights, data, code);
}

// A place on the great circle between two codes: codes of N(0, I) lie close to a sphere (White 2016).
function sphericalWay(first, last, share) {
  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const cosine = dot(first, last) / Math.sqrt(dot(first, first) * dot(last, last));
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  if (Math.sin(angle) < 1e-4) return first.map((value, i) => value + share * (last[i] - value));
  const [a, b] = [Math.sin((1 - share) * angle), Math.sin(share * angle)].map((one) => one / Math.sin(angle));
  return first.map((value, i) => a * value + b * last[i]);
}

// ---- the walk --------------------------------------------------------------------------------------

const WAY_SECONDS = 4; // from one code to the next
const STILL_STEPS = 8; // pictures on a way where motion is to be reduced

// Goes on by itself while it is walking: advance(share of a way) in every frame, or in few steps.
function walkOn(isWalking, advance) {
  if (prefersStillness()) {
    setTimeout(function step() {
      if (!isWalking()) return;
      advance(1 / STILL_STEPS);
      setTimeout(step, (1000 * WAY_SECONDS) / STILL_STEPS);
    });
    return;
  }
  let last = performance.now();
  requestAnimationFrame(function frame(now) {
    if (!isWalking()) return;
    advance(Math.max(0, now - last) / (1000 * WAY_SECONDS));
    last = now;
    requestAnimationFrame(frame);
  });
}

function ganWalk(data, network) {
  const random = randomNumbers(1);
  const code = () => normalNumbers(random, data.latent);
  const [picture, first, last] = ["on the way", "where the way begins", "where the way ends"].map((name, i) =>
    pictureCanvas(data.shape, `what the generator draws ${name}`, { class: i ? "pixels end" : "pixels large" }));
  const way = make("input", { type: "range", min: "0", max: "100", step: "1", value: "0" });
  const shown = make("output", {});
  let ends, share = 0, walking = false;
  const paint = (canvas, place) =>
    paintPicture(canvas, network(place).map((value) => activations.sigmoid(value)), data.ink);
  function show() {
    shown.textContent = `${Math.round(100 * share)} %`;
    paint(picture, sphericalWay(...ends, share));
  }
  function go(from) {
    ends = [from, code()];
    [share, way.value] = [0, "0"];
    [first, last].forEach((canvas, i) => paint(canvas, ends[i]));
    show();
  }
  function advance(step) {
    share += step;
    if (share > 1 + 1e-9) go(ends[1]);
    way.value = String(Math.round(100 * share));
    show();
  }
  const toggle = button("Walk", () => {
    walking = !walking;
    toggle.textContent = walking ? "Stop" : "Walk";
    if (walking) walkOn(() => walking, advance);
  }, { class: "main" });
  const ask = oncePerFrame(show);
  way.addEventListener("input", () => {
    share = Number(way.value) / 100;
    ask();
  });
  go(code());
  return make("div", {}, walkDesk(picture, first, last),
    make("div", { class: "controls" }, labelled("on the way", way, shown),
      make("div", { class: "buttons" }, toggle, button("Another way", () => go(code())))));
}

function walkDesk(picture, first, last) {
  return make("div", { class: "walk" },
    make("figure", {}, first, make("figcaption", {}, "from here")),
    make("figure", { class: "whole" }, picture, make("figcaption", {}, "on the way")),
    make("figure", {}, last, make("figcaption", {}, "to here")));
}

// ---- the section ------------------------------------------------------------------------------------

const FILM_ACROSS = 2; // pictures beside each other in a frame

function ganFilm(data) {
  const made = picturesOf(data.film.pixels, data.shape);
  const each = made.length / data.film.epochs.length;
  const film = { ...data.film, pictures: data.film.epochs.map((_, i) => made.slice(i * each, (i + 1) * each)) };
  return make("div", {}, make("h3", {}, "Epoch by epoch"),
    make("p", { class: "about" }, `What the epochs drew of the same ${each} codes. ${filmTold(film)}`),
    filmStrip(data.shape, data.ink, film, FILM_ACROSS));
}

function startGan(root, alive) {
  const chart = make("div", {});
  root.append(ganWalk(alive.data, ganNetwork(alive.data, alive.networks[0].weights())), ganFilm(alive.data), chart);
  const draw = () => drawChart(chart, alive.data.game);
  draw();
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) draw();
    width = innerWidth;
  });
}

parts.gan = { start: startGan, network: ganNetwork, way: sphericalWay };
