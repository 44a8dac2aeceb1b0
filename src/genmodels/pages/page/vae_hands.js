// What moves the code of a variational autoencoder: a pad, sliders, test images, and a drawing of one's own.
"use strict";

const PAD_REACH = 3; // standard deviations to each side
const PAD_STEP = 0.1; // of an arrow key

const within = (value, most) => Math.min(most, Math.max(-most, value));

// The class of a conditional network.
function vaeClasses(data, code) {
  if (!data.classes) return "";
  const choice = make("select", { change: () => code.take(code.state.code, Number(choice.value)) },
    ...data.classes.map((name, index) => make("option", { value: index }, visible(name))));
  code.listeners.push((_, __, label) => { choice.value = String(label); });
  return make("div", { class: "controls" }, labelled("class to draw", choice));
}

// ---- a pad for two dimensions of the code -----------------------------------------------------------

// One letter for each class, where they are all different; else dots.
function padSigns(names) {
  const signs = names?.map((name) => [...visible(name)][0]);
  return signs && new Set(signs).size === signs.length ? signs : null;
}

function padPoints(data, chosen) {
  const signs = padSigns(data.names);
  return (data.points ?? []).map((point, i) => {
    const [x, y] = chosen.map((index) => point[index]);
    if (!(Math.abs(x) <= PAD_REACH && Math.abs(y) <= PAD_REACH)) return "";
    return signs
      ? makeSvg("text", { x, y: -y + 0.07, "text-anchor": "middle" }, signs[data.labels[i]])
      : makeSvg("circle", { cx: x, cy: -y, r: 0.04 });
  });
}

const GRASP = 28; // pixels of the screen around the dot in which a finger takes it
const DRAGGED = 8; // pixels sideways after which a finger elsewhere on the map moves the dot

// A finger on the dot drags it, and one elsewhere that is lifted or goes sideways brings the dot there; up and down it
// scrolls the page, for which the browser takes it away. A mouse and a pen drag anywhere.
function padDrags(pad, thumb, point) {
  let from = null; // where a finger began that may yet scroll
  const onDot = ({ clientX, clientY }) => {
    const box = thumb.getBoundingClientRect();
    return Math.hypot(clientX - box.left - box.width / 2, clientY - box.top - box.height / 2) <= GRASP;
  };
  pad.addEventListener("touchstart", (event) => {
    if (event.cancelable && onDot(event.touches[0])) event.preventDefault(); // no scrolling from here
  }, { passive: false });
  pad.addEventListener("pointerdown", (event) => {
    from = event.pointerType === "touch" && !onDot(event) ? event.clientX : null;
    if (from !== null) return;
    pad.setPointerCapture(event.pointerId);
    point(event);
  });
  pad.addEventListener("pointermove", (event) => {
    if (from !== null && Math.abs(event.clientX - from) > DRAGGED) from = null;
    if (event.buttons && from === null) point(event);
  });
  pad.addEventListener("pointerup", (event) => { if (from !== null) point(event); });
}

function padMoves(pad, thumb, code, dimensions) {
  const take = (x, y) => {
    const [across, up] = dimensions();
    code.state.code[across] = within(x, PAD_REACH);
    code.move(up, within(y, PAD_REACH));
  };
  const point = (event) => {
    const box = pad.getBoundingClientRect();
    const at = (place, from, length) => PAD_REACH * ((2 * (place - from)) / length - 1);
    take(at(event.clientX, box.left, box.width), -at(event.clientY, box.top, box.height));
  };
  padDrags(pad, thumb, point);
  pad.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const [x, y] = dimensions().map((dimension) => code.state.code[dimension]);
    take(x + PAD_STEP * step[0], y + PAD_STEP * step[1]);
  });
}

// The pad as a slider with two directions, which says both values.
function padElement() {
  const thumb = makeSvg("circle", { class: "thumb", r: 0.14 });
  const cloud = makeSvg("g", { class: "cloud" });
  const cross = makeSvg("path", { class: "cross", d: `M-${PAD_REACH} 0H${PAD_REACH}M0 -${PAD_REACH}V${PAD_REACH}` });
  const pad = makeSvg("svg", {
    class: "pad", viewBox: `${-PAD_REACH} ${-PAD_REACH} ${2 * PAD_REACH} ${2 * PAD_REACH}`, tabindex: "0", role: "slider",
    "aria-label": "two numbers of the code; the arrow keys move them", "aria-valuemin": -PAD_REACH, "aria-valuemax": PAD_REACH,
  }, cross, cloud, thumb);
  return { pad, cloud, thumb };
}

function vaePad(data, code) {
  const { pad, cloud, thumb } = padElement();
  const chosen = [0, 1].sort((a, b) => data.dimensions[a] - data.dimensions[b]); // as in figures: the lower number across
  const dimensions = () => chosen.map((index) => data.dimensions[index]);
  const repaint = () => {
    cloud.replaceChildren(...padPoints(data, chosen));
    code.tell();
  };
  const selects = chosen.map((_, place) => make("select", { change: () => choose(place) },
    ...data.dimensions.map((_, index) => make("option", { value: index }, dimensionName(data, index)))));
  const show = () => selects.forEach((select, place) => { select.value = String(chosen[place]); });
  function choose(place) {
    const before = chosen[place];
    chosen[place] = Number(selects[place].value);
    if (chosen[1 - place] === chosen[place]) chosen[1 - place] = before; // none is both across and up: they change places
    show();
    repaint();
  }
  show();
  code.listeners.push((values) => {
    const [x, y] = dimensions().map((dimension) => values[dimension]);
    thumb.setAttribute("cx", within(x, PAD_REACH));
    thumb.setAttribute("cy", -within(y, PAD_REACH));
    pad.setAttribute("aria-valuenow", x.toFixed(2));
    pad.setAttribute("aria-valuetext", chosen.map((index) =>
      `${dimensionName(data, index)} ${signed(values[data.dimensions[index]])}`).join(", "));
  });
  padMoves(pad, thumb, code, dimensions);
  repaint();
  const told = `Tap the map, or drag the dot.${data.points ? " Each mark is where a test image lies." : ""}`;
  return make("figure", { class: "map" }, pad, make("figcaption", {}, told),
    make("div", { class: "controls" }, ...["across", "up"].map((way, place) => labelled(way, selects[place]))));
}

// ---- all numbers of the code, and sliders for those that carry most ---------------------------------

const MOST_CODE_BARS = 128;

function vaeBars(data, code) {
  const count = Math.min(data.latent, MOST_CODE_BARS);
  const bars = Array.from({ length: count }, (_, i) => makeSvg("rect", { x: i + 0.15, width: 0.7 }));
  const drawing = makeSvg("svg", {
    class: "code", viewBox: `0 -3 ${count} 6`, preserveAspectRatio: "none", role: "img", "aria-label": "the numbers of the code",
  }, makeSvg("path", { class: "cross", d: `M0 0H${count}` }), ...bars);
  code.listeners.push((values) => bars.forEach((bar, i) => {
    const height = within(values[i], PAD_REACH);
    bar.setAttribute("y", Math.min(0, -height));
    bar.setAttribute("height", Math.abs(height));
  }));
  return make("div", {}, drawing, make("p", { class: "small" }, data.latent > count
    ? `the first ${count} of the code's ${data.latent} numbers` : `the code: ${data.latent} numbers`));
}

function vaeSliders(data, code) {
  const sliders = data.dimensions.map((dimension, index) => {
    const shown = make("output", {});
    const slider = make("input", {
      type: "range", min: -PAD_REACH, max: PAD_REACH, step: "0.05", value: "0",
      input: () => code.move(dimension, Number(slider.value)),
    });
    code.listeners.push((values) => {
      slider.value = String(values[dimension]);
      shown.textContent = signed(values[dimension]);
    });
    const carries = data.nats ? ` (${short(data.nats[index])} nats)` : "";
    return labelled(`${dimensionName(data, index)}${carries}`, slider, shown);
  });
  const told = data.nats ? "The numbers that tell most of an image, the most telling first; in brackets how much each tells, "
    + `on average over ${data.encoded.toLocaleString("en")} test images.` : "Numbers of the code.";
  return make("div", {}, make("h3", {}, "Number by number"), make("p", { class: "about" }, told),
    make("div", { class: "sliders" }, ...sliders));
}

// ---- test images ---------------------------------------------------------------------------------------

function vaeDigits(data, code) {
  const { digits } = data;
  const pictures = picturesOf(digits.pixels, data.shape);
  const made = picturesOf(digits.film.pixels, data.shape);
  const strip = make("div", {});
  const told = make("p", { class: "small", role: "status" });
  const nameOf = (index) => `test image ${digits.rows[index]}${digits.names ? ` (${visible(digits.names[index])})` : ""}`;
  const choices = pictures.map((values, index) => {
    const canvas = pictureCanvas(data.shape, "", { "aria-hidden": "true" });
    paintPicture(canvas, values, data.ink);
    const choice = button("", () => choose(index), { class: "choice", "aria-pressed": "false", "aria-label": nameOf(index) });
    choice.append(canvas);
    return choice;
  });
  function show(index) {
    choices.forEach((choice, other) => choice.setAttribute("aria-pressed", String(other === index)));
    const film = { ...digits.film, pictures: digits.film.epochs.map((_, epoch) => [made[epoch * pictures.length + index]]) };
    strip.replaceChildren(filmStrip(data.shape, data.ink, film));
    told.textContent = `What the epochs made of ${nameOf(index)}. ${filmTold(digits.film)}`;
  }
  function choose(index) {
    const label = data.classes ? digits.labels[index] : 0;
    code.take(code.network.encode(pictures[index], label).mean, label);
    show(index);
  }
  choose(0);
  return make("div", {}, make("h3", {}, "Images that it never saw"),
    make("p", { class: "about" }, "Choose one: the network turns it into its code, and draws it again from that."),
    make("div", { class: "choices", role: "group", "aria-label": "test images" }, ...choices), told, strip);
}

// ---- a drawing of one's own -----------------------------------------------------------------------------

function vaeDrawing(data, code) {
  const becomes = pictureCanvas(data.shape, "what the network makes of your drawing", { class: "pixels large" });
  const remake = (values) => {
    const { mean } = code.network.encode(values, code.state.label);
    const logits = code.network.decode(mean, code.state.label);
    paintPicture(becomes, logits.map((value) => activations.sigmoid(value)), data.ink);
    return mean;
  };
  const caption = make("figcaption", {}, "an example, until you draw");
  const paper = drawingPaper(data.shape, data.ink, (values) => {
    caption.textContent = "your drawing";
    code.take(remake(values));
  });
  remake(paper.image());
  return make("div", {}, make("h3", {}, "Draw one yourself"),
    make("p", { class: "about" }, "Your first stroke wipes away what stands there.", keyHint(PEN_KEYS)),
    make("div", { class: "desk" },
      make("figure", {}, paper.element, caption),
      make("figure", {}, becomes, make("figcaption", {}, "what it becomes"))),
    make("div", { class: "buttons" }, button("Clear", paper.clear)));
}
