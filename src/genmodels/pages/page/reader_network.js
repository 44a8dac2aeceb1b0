// The networks that read a strip: convolutions, then an LSTM over its columns, or a fixed number of places.
"use strict";

const greatestDivisor = (a, b) => (b === 0 ? a : greatestDivisor(b, a % b));

// Four convolutions: a sixteenth of the rows, a quarter of the columns. `norm` normalises the maps of one layer.
function readerMaps(weights, strip, shape, norm) {
  let maps = pixelUnshuffle(strip, shape);
  [1, 2, [2, 1], [2, 1]].forEach((stride, index) => {
    const number = 3 * index + 1; // a convolution, its normalisation, a ReLU
    maps = conv2d(weights[`convolutions.${number}.weight`], null, maps.values, maps.size, { stride, padding: 1 });
    maps.values = norm(part(weights, `convolutions.${number + 1}`), maps.values).map((x) => Math.max(0, x));
  });
  return maps;
}

// A column of the maps is what all channels hold in its rows.
function columnsOf({ values, size: [rows, columns] }) {
  const height = values.length / columns; // channels and rows
  return Array.from({ length: columns }, (_, t) =>
    Float32Array.from({ length: height }, (__, at) => values[at * columns + t]));
}

const batchNormed = (of, x) => batchNorm(of.weight, of.bias, of.running_mean, of.running_var, x);
const groupNormed = (of, x) => groupNorm(of.weight, of.bias, greatestDivisor(8, of.weight.shape[0]), x);

// Logits of blank and of each class, for each column of the strip.
function columnLogits(data, weights, strip, shape) {
  const norm = part(weights, "norm");
  let states = columnsOf(readerMaps(weights, strip, shape, batchNormed)).map((column) => {
    const narrow = linear(weights["narrow.weight"], weights["narrow.bias"], column).map((x) => Math.max(0, x));
    return layerNorm(norm.weight, norm.bias, narrow);
  });
  for (let layer = 0; layer < data.layers; layer += 1) states = bothWays("lstm", weights, "lstm", layer, states);
  return states.map((h) => linear(weights["read_out.weight"], weights["read_out.bias"], h));
}

// Logits of nothing and of each class, for each place; what lies to the right of the widest training strip is not seen.
function placeLogits(data, weights, strip, shape) {
  const { width, columns } = data.fixed;
  const seen = [shape[0], Math.min(shape[1], width)];
  const found = columnsOf(readerMaps(weights, resized(strip, shape, seen), seen, groupNormed)).map((column) =>
    linear(weights["narrow.weight"], weights["narrow.bias"], column).map((x) => Math.max(0, x)));
  const filled = new Float32Array(columns * found[0].length);
  found.forEach((column, t) => filled.set(column, t * column.length));
  const logits = denseLayers(weights, "layers", filled, (x) => Math.max(0, x));
  const outputs = data.classes.length + 1;
  return Array.from({ length: logits.length / outputs }, (_, n) => logits.subarray(n * outputs, (n + 1) * outputs));
}

const READERS = { crnn: columnLogits, cnn: placeLogits };

function readerLogits(data, weights, strip, shape) {
  return READERS[data.model](data, weights, strip, shape);
}

// A reading of places: each one's likeliest class up to the first "nothing".
function readPlaces(logP) {
  const surest = logP.map((place) => 1 + largest(place.subarray(1)));
  const first = logP.findIndex((place, n) => place[BLANK] >= place[surest[n]]);
  const length = first < 0 ? logP.length : first;
  const classes = surest.slice(0, length).map((output) => output - 1);
  const log = classes.reduce((sum, kind, n) => sum + logP[n][kind + 1], length < logP.length ? logP[length][BLANK] : 0);
  return { classes, spans: null, peaks: null, scores: classes.map((kind, n) => Math.exp(logP[n][kind + 1])), confidence: Math.exp(log) };
}

// What is read in a strip: { classes, spans, peaks, scores, confidence, logP }; where there is no ink, nothing.
function readStrip(data, weights, strip, shape) {
  const logP = readerLogits(data, weights, strip, shape).map(logSoftmax);
  const isBlank = !strip.some((value) => value > data.inked);
  if (isBlank) return { classes: [], spans: [], peaks: [], scores: [], confidence: null, logP };
  return { ...(data.model === "crnn" ? readPath(logP) : readPlaces(logP)), logP };
}
