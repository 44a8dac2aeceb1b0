// Pictures of a network: on canvases, one grey value from 0 to 1 for each pixel; strips of film; random codes.
"use strict";

// Bytes in base64 as pictures of so many pixels each, with values from 0 to 1.
function picturesOf(base64, [rows, columns]) {
  const values = Float32Array.from(bytesOf(base64), (value) => value / 255);
  const size = rows * columns;
  return Array.from({ length: values.length / size }, (_, i) => values.subarray(i * size, (i + 1) * size));
}

// A canvas for a picture of some rows and columns; `name` is what a screen reader says.
function pictureCanvas([rows, columns], name, attributes = {}) {
  return make("canvas", { width: columns, height: rows, role: "img", "aria-label": name, class: "pixels", ...attributes });
}

// Ink is black on white paper, whichever of light and dark the images have; photographs stay as they are.
function paintPicture(canvas, values, ink, [left, top] = [0, 0], width = canvas.width) {
  const image = new ImageData(width, values.length / width);
  values.forEach((value, i) => {
    const light = 255 * Math.min(1, Math.max(0, ink === "light" ? 1 - value : value));
    image.data.set([light, light, light, 255], 4 * i);
  });
  canvas.getContext("2d").putImageData(image, left, top);
}

// One picture for each epoch, or several below each other in `across` columns: { epochs, pictures, best }.
function filmStrip(shape, ink, film, across = 1) {
  const [rows, columns] = shape;
  const frames = film.epochs.map((epoch, i) => {
    const shown = film.pictures[i];
    const name = epoch === film.best ? `epoch ${short(epoch)}, the best` : `epoch ${short(epoch)}`;
    const down = Math.ceil(shown.length / across);
    const canvas = pictureCanvas([down * rows, across * columns], `what ${name} draws`);
    shown.forEach((values, at) => {
      paintPicture(canvas, values, ink, [(at % across) * columns, Math.floor(at / across) * rows], columns);
    });
    return make("figure", { class: epoch === film.best ? "best-frame" : "" }, canvas, make("figcaption", {}, name));
  });
  return make("div", { class: "film" }, ...frames);
}

// Which of the epochs a film shows, in words.
function filmTold(film) {
  const shown = film.epochs.length;
  return shown === film.kept ? "Each epoch that was kept." : `${shown} of the ${film.kept} epochs that were kept.`;
}

// Numbers from N(0, 1), two from two uniform ones (Box and Muller 1958).
function normalNumbers(random, count) {
  return Float32Array.from({ length: count }, () =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

// Calls a function once in the next frame, however often it is asked for before.
function oncePerFrame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}
