// Images on canvases, and a pad on which pixels are drawn with a finger, a mouse or the arrow keys.
"use strict";

const PAD_CELL = 12; // of a canvas, for each pixel of an image

// How much ink a level is, from 0 to 1: figures show light ink dark on paper, all else as it is.
const inkOf = (data, level) => (data.ink === "dark" ? 1 - level / (data.levels - 1) : level / (data.levels - 1));

// What an image is painted with: light and dark ink as the page's text, photographs from black to white.
function paintsOf(data) {
  const colours = getComputedStyle(document.body);
  const [ground, ink] = data.ink === "neither" ? ["black", "white"] : ["--raised", "--ink"].map(
    (name) => colours.getPropertyValue(name));
  return { ground, ink, unknown: colours.getPropertyValue("--line"), accent: colours.getPropertyValue("--accent") };
}

// A canvas for images of the run's size; `cell` is how many of its own pixels one of the image's takes.
function imageCanvas(data, cell, attributes) {
  const [height, width] = data.shape;
  return make("canvas", { width: width * cell, height: height * cell, role: "img", ...attributes });
}

// Paints shares of ink, one for each pixel; what is no number is not known yet.
function paintImage(canvas, data, shares) {
  const width = data.shape[1];
  const cell = canvas.width / width;
  const context = canvas.getContext("2d");
  const { ground, ink, unknown } = paintsOf(data);
  const square = (at, colour, share) => {
    context.globalAlpha = share;
    context.fillStyle = colour;
    context.fillRect((at % width) * cell, Math.floor(at / width) * cell, cell, cell);
  };
  shares.forEach((share, at) => {
    square(at, Number.isNaN(share) ? unknown : ground, 1);
    if (share > 0) square(at, ink, share);
  });
  context.globalAlpha = 1;
}

// A frame around one pixel.
function framePixel(canvas, data, at, colour) {
  const width = data.shape[1];
  const cell = canvas.width / width;
  const context = canvas.getContext("2d");
  context.strokeStyle = colour;
  context.lineWidth = cell / 4;
  context.strokeRect((at % width) * cell, Math.floor(at / width) * cell, cell, cell);
}

// The line behind which an image is not given; `kept` rows are, once it is turned so that they come first.
function lineBehind(canvas, data, turn, kept, colour) {
  const [height, width] = data.shape;
  const cell = canvas.width / width;
  const context = canvas.getContext("2d");
  const across = turn === 0 || turn === 2;
  const at = cell * [kept, width - kept, height - kept, kept][turn];
  context.strokeStyle = colour;
  context.lineWidth = cell / 6;
  context.beginPath();
  context.moveTo(across ? 0 : at, across ? at : 0);
  context.lineTo(across ? canvas.width : at, across ? at : canvas.height);
  context.stroke();
}

// Makes a canvas a pad: begin() when a stroke begins, put(at, ink) for each pixel under it and shown() then, end() when
// it ends. With the keyboard, arrows move a pixel, of which moved(at) is told, and space inks it.
function makePad(canvas, data, { begin, put, shown, end, moved }) {
  const [height, width] = data.shape;
  let last = null;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  };
  const draw = (event) => {
    if (last === null) return;
    const to = place(event);
    const inked = new Float32Array(height * width);
    penStroke(inked, data.shape, last, to);
    inked.forEach((ink, at) => { if (ink > 0) put(at, ink); });
    last = to;
    shown();
  };
  const finish = () => {
    if (last !== null) end();
    last = null;
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    begin();
    last = place(event);
    draw(event);
  });
  canvas.addEventListener("pointermove", draw);
  canvas.addEventListener("pointerup", finish);
  canvas.addEventListener("pointercancel", finish);
  padKeys(canvas, [height, width], { begin, put, end, moved });
}

function padKeys(canvas, [height, width], { begin, put, end, moved }) {
  let row = Math.floor(height / 4);
  let column = Math.floor(width / 2);
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      begin();
      put(row * width + column, 1);
      end();
    } else if (event.key in moves) {
      row = Math.max(0, Math.min(height - 1, row + moves[event.key][0]));
      column = Math.max(0, Math.min(width - 1, column + moves[event.key][1]));
    } else return;
    event.preventDefault();
    moved(row * width + column);
  });
  canvas.addEventListener("focus", () => {
    if (canvas.matches(":focus-visible")) moved(row * width + column); // not where a finger brought it
  });
  canvas.addEventListener("blur", () => moved(null));
}
