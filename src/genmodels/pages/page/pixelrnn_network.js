// Pixel models: p(x) is a product over the pixels, row by row, of each one's probability given those before it.
"use strict";

const PIXEL_REACH = 3; // rows above and pixels before that the first layer sees

// ---- the network --------------------------------------------------------------------------------

// The pixels so far, from -1 (level 0) to 1, with zeros around the image.
function pixelsSeen([height, width]) {
  const stride = width + 2 * PIXEL_REACH;
  const image = new Float32Array((height + PIXEL_REACH) * stride);
  const from = (row) => (row + PIXEL_REACH) * stride;
  return {
    // Three rows above, from three columns to the left to three to the right.
    above(row, column) {
      const rows = [row - 3, row - 2, row - 1].map((one) => from(one) + column);
      return sideBySide(rows.map((start) => image.subarray(start, start + 2 * PIXEL_REACH + 1)));
    },
    before: (row, column) => image.subarray(from(row) + column, from(row) + column + PIXEL_REACH),
    row: (row) => image.subarray(from(row) + PIXEL_REACH, from(row) + PIXEL_REACH + width),
    put(row, column, value) {
      image[from(row) + PIXEL_REACH + column] = value;
    },
  };
}

// What is told apart of images that are turned: the part of a bias that belongs to so many quarters.
function ofTurn(bias, turn, orientations) {
  const size = bias.values.length / orientations;
  return bias.values.subarray(turn * size, (turn + 1) * size);
}

const asMatrix = ({ shape, values }) => ({ shape: [shape[0], values.length / shape[0]], values });

// The layers of each model, how a row and a pixel go through them, and what the first biases are of.
const PIXEL_MODELS = {
  "pixelcnn": (data, weights) => {
    const stack = data.dilations.map((dilation, i) => gatedLayer(part(weights, `dilated.${i}`), dilation));
    return {
      beginRow: (v) => stack.reduce((row, layer) => layer.beginRow(row), v),
      pixel: (column, _, h) => stack.reduce((x, layer) => layer.pixel(column, x), h),
      biases: (bias) => [bias.subarray(0, bias.length / 2), bias.subarray(bias.length / 2)],
    };
  },
  "row-lstm": (data, weights) => recurrentStack(data, weights, rowLstmLayer),
  "diagonal-bilstm": (data, weights) => recurrentStack(data, weights, diagonalLayer),
};

// Recurrent layers with a way round each: x' = x + W h(x).
function recurrentStack(data, weights, makeLayer) {
  const stack = Array.from({ length: data.layers }, (_, i) => ({
    layer: makeLayer(part(weights, `layers.${i}`), data.shape[1]),
    widen: part(weights, `widen.${i}`),
  }));
  return {
    beginRow: (_, pixelsAbove) => stack.forEach(({ layer }) => layer.beginRow(null, pixelsAbove)),
    pixel: (column, above, before) => stack.reduce(
      (x, { layer, widen }) => vectorSum(x, linear(widen.weight, widen.bias, layer.pixel(column, x))),
      vectorSum(above, before)),
    biases: (bias) => [bias, null],
  };
}

function pixelReadout(weights, x) {
  const rectified = (y) => y.map((value) => Math.max(0, value));
  const hidden = linear(weights["readout.narrow.weight"], weights["readout.narrow.bias"], rectified(x));
  return linear(weights["readout.out.weight"], weights["readout.out.bias"], rectified(hidden));
}

// Goes through one image in raster order: beginRow(row), then for each column logits(column) and put(column, level).
function pixelSteps(data, weights, turn = 0) {
  const [height, width] = data.shape;
  const seen = pixelsSeen(data.shape);
  const stack = PIXEL_MODELS[data.model](data, weights);
  const bias = stack.biases(ofTurn(weights.first_bias, turn, data.orientations));
  const [ofAbove, ofBefore] = bias.map((values) => values && { values });
  const ofPixel = ofTurn(weights.pixel_bias, turn, data.orientations); // (K, height, width)
  const [firstAbove, firstBefore] = [asMatrix(weights["first_above.weight"]), asMatrix(weights["first_before.weight"])];
  let row, above;
  return {
    beginRow(next) {
      row = next;
      above = Array.from({ length: width }, (_, column) => linear(firstAbove, ofAbove, seen.above(row, column)));
      stack.beginRow(above, seen.row(row - 1));
    },
    logits(column) {
      const before = linear(firstBefore, ofBefore, seen.before(row, column));
      const logits = pixelReadout(weights, stack.pixel(column, above[column], before));
      return logits.map((value, level) => value + ofPixel[(level * height + row) * width + column]);
    },
    put(column, level) {
      seen.put(row, column, (2 * level) / (data.levels - 1) - 1);
    },
  };
}

// The logits of all pixels of an image that is known, those of a pixel side by side.
function pixelLogits(data, weights, levels, turn) {
  const walk = pixelWalk(data, weights, { image: Uint8Array.from(levels), turn: 0, ofTurn: turn, kept: data.shape[0] });
  const all = [];
  while (!walk.isDone()) {
    all.push(...walk.logits());
    walk.next(0);
  }
  return all;
}

// ---- from logits to a pixel ------------------------------------------------------------------------

// How likely each level is; two levels have one logit, that of the upper one.
function pixelShares(logits) {
  if (logits.length > 1) return softmax(logits);
  const share = activations.sigmoid(logits[0]);
  return [1 - share, share];
}

// A level by a number between 0 and 1.
function drawLevel(logits, uniform) {
  if (logits.length === 1) return uniform < activations.sigmoid(logits[0]) ? 1 : 0;
  return sample(logits, 1, uniform);
}

// ---- a walk through an image ------------------------------------------------------------------------

// The side that the network draws, and by how many quarters, counter-clockwise, the image is turned so that it is last.
const PIXEL_TURNS = { bottom: 0, left: 1, top: 2, right: 3 };

// Where the pixel that comes after `at` others in an image turned so stands in the upright one, which is square then.
function uprightPlace(at, turn, [, width]) {
  const row = Math.floor(at / width);
  const column = at % width;
  const last = width - 1;
  return [
    at,
    column * width + (last - row),
    (last - row) * width + (last - column),
    (last - column) * width + row,
  ][turn];
}

// Through an image, whose first `kept` rows (as it is turned) are known and whose others are drawn into it.
// ofTurn: the turn that the network is told of, where that is another than the image's.
function pixelWalk(data, weights, { image, turn, kept, ofTurn: told = turn }) {
  const [height, width] = data.shape;
  const steps = pixelSteps(data, weights, told);
  let at = 0;
  let logits = null;
  const look = () => {
    if (at === height * width) return;
    if (at % width === 0) steps.beginRow(at / width);
    logits = steps.logits(at % width);
  };
  look();
  return {
    isDone: () => at === height * width,
    isKnown: () => at < kept * width,
    place: () => uprightPlace(at, turn, data.shape),
    logits: () => logits,
    next(uniform) {
      const place = uprightPlace(at, turn, data.shape);
      if (at >= kept * width) image[place] = drawLevel(logits, uniform);
      steps.put(at % width, image[place]);
      at += 1;
      look();
    },
  };
}
