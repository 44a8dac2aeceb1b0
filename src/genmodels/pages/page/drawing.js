// Paper to draw on, with a finger, the mouse or the keyboard; it has the pixels of the network's images.
"use strict";

const PEN = 1.6; // pixels from the pen's middle to where it leaves nothing, in images of 28 rows

const PEN_KEYS = " The keyboard writes, too: the arrow keys move the pen, the space bar puts it down and lifts it.";

// What the pen leaves between two places: full ink in its middle, less towards its edge.
function penStroke(inked, [rows, columns], [fromX, fromY], [toX, toY]) {
  const reach = (PEN * rows) / 28;
  const steps = Math.max(1, Math.ceil(4 * Math.hypot(toX - fromX, toY - fromY)));
  for (let step = 0; step <= steps; step += 1) {
    const x = fromX + ((toX - fromX) * step) / steps;
    const y = fromY + ((toY - fromY) * step) / steps;
    for (let row = Math.max(0, Math.floor(y - reach)); row <= Math.min(rows - 1, y + reach); row += 1) {
      for (let column = Math.max(0, Math.floor(x - reach)); column <= Math.min(columns - 1, x + reach); column += 1) {
        const ink = Math.min(1, 1.5 * (1 - Math.hypot(column + 0.5 - x, row + 0.5 - y) / reach));
        const at = row * columns + column;
        inked[at] = Math.max(inked[at], ink);
      }
    }
  }
}

const EXAMPLE = [[8, 7], [20, 7], [13, 22]]; // in an image of 28 rows and columns

function exampleOn(shape) {
  const inked = new Float32Array(shape[0] * shape[1]);
  const places = EXAMPLE.map(([x, y]) => [(x * shape[1]) / 28, (y * shape[0]) / 28]);
  places.slice(1).forEach((to, i) => penStroke(inked, shape, places[i], to));
  return inked;
}

// The pen under the arrow keys: the space bar puts it down and lifts it.
function penByKeys(paper, shape, stroke, show) {
  const pen = { at: [shape[1] / 2, shape[0] / 2], down: false, shown: false };
  paper.addEventListener("focus", () => { pen.shown = true; show(); });
  paper.addEventListener("blur", () => { Object.assign(pen, { shown: false, down: false }); show(); });
  paper.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], " ": [0, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    if (event.key === " ") pen.down = !pen.down;
    const to = pen.at.map((place, i) => Math.min(shape[1 - i] - 0.5, Math.max(0.5, place + step[i])));
    if (pen.down) stroke(pen.at, to);
    pen.at = to;
    show();
  });
  return pen;
}

// drawn(values) is called in the next frame after each stroke, with the image as the network's images are. An example
// of ink, `start`, stands there until the first one; `look` is the canvas's class.
function drawingPaper(shape, ink, drawn, { start = exampleOn(shape), look = "large" } = {}) {
  const paper = pictureCanvas(shape, "paper to draw on: the arrow keys move the pen, the space bar puts it down", {
    class: `pixels ${look} paper`, tabindex: "0", role: "application",
  });
  const inked = Float32Array.from(start);
  let isExample = true;
  const image = () => inked.map((value) => (ink === "light" ? value : 1 - value));
  function show() {
    paintPicture(paper, image(), ink);
    if (!pen.shown) return;
    const context = paper.getContext("2d");
    context.fillStyle = pen.down ? "#d55e00" : "#0072b2";
    context.fillRect(Math.floor(pen.at[0]), Math.floor(pen.at[1]), 1, 1);
  }
  const tell = oncePerFrame(() => drawn(image()));
  function stroke(from, to) {
    if (isExample) inked.fill(0);
    isExample = false;
    penStroke(inked, shape, from, to);
    show();
    tell();
  }
  const pen = penByKeys(paper, shape, stroke, show);
  drawByPointer(paper, shape, stroke);
  show();
  return {
    element: paper,
    image,
    clear() {
      isExample = false;
      inked.fill(0);
      show();
      tell();
    },
  };
}

function drawByPointer(paper, [rows, columns], stroke) {
  let last = null;
  const place = (event) => {
    const box = paper.getBoundingClientRect();
    return [(columns * (event.clientX - box.left)) / box.width, (rows * (event.clientY - box.top)) / box.height];
  };
  paper.addEventListener("pointerdown", (event) => {
    paper.setPointerCapture(event.pointerId);
    last = place(event);
    stroke(last, last);
  });
  paper.addEventListener("pointermove", (event) => {
    if (!last || !event.buttons) return;
    const to = place(event);
    stroke(last, to);
    last = to;
  });
  for (const end of ["pointerup", "pointercancel"]) paper.addEventListener(end, () => { last = null; });
}
