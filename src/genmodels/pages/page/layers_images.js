// Further layers of networks on images, which are (channels, height, width), channel after channel.
"use strict";

// Every second pixel across and down becomes a channel of its own: (C, 2 Y, 2 X) -> (4 C, Y, X).
function pixelUnshuffle(x, [height, width]) {
  const [rows, columns] = [height / 2, width / 2];
  const y = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += 1) {
    const column = at % width;
    const row = Math.floor(at / width) % height;
    const channel = Math.floor(at / (width * height));
    const to = 4 * channel + 2 * (row % 2) + (column % 2);
    y[(to * rows + (row >> 1)) * columns + (column >> 1)] = x[at];
  }
  return { values: y, size: [rows, columns] };
}

// The way back: four channels become 2x2 pixels.
function pixelShuffle(x, [height, width]) {
  const y = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += 1) {
    const column = at % width;
    const row = Math.floor(at / width) % height;
    const channel = Math.floor(at / (width * height));
    const [down, right] = [(channel >> 1) % 2, channel % 2];
    y[((channel >> 2) * 2 * height + 2 * row + down) * 2 * width + 2 * column + right] = x[at];
  }
  return { values: y, size: [2 * height, 2 * width] };
}

// One channel in another size: zeros fill what is new, on the right and below.
function resized(x, [height, width], [rows, columns]) {
  const y = new Float32Array(rows * columns);
  for (let row = 0; row < Math.min(height, rows); row += 1) {
    y.set(x.subarray(row * width, row * width + Math.min(width, columns)), row * columns);
  }
  return y;
}

// Rows or columns after halving twice, rounded up.
const quarter = (size) => Math.ceil(size / 4);

// Linear layers with a function between them: those of a module by their numbers, "layers.0", "layers.2".
function denseLayers(weights, prefix, x, f) {
  const own = part(weights, prefix);
  const numbers = Object.keys(own).filter((name) => name.endsWith(".weight")).map(parseFloat).sort((a, b) => a - b);
  return numbers.reduce((y, number, index) => {
    const z = linear(own[`${number}.weight`], own[`${number}.bias`], y);
    return index < numbers.length - 1 ? z.map((value) => f(value)) : z;
  }, x);
}

// Groups of channels of (channels, ...) normalised by what is in each of them, then a scale and a shift for each channel.
function groupNorm(weight, bias, groups, x, epsilon = 1e-5) {
  const size = x.length / groups;
  const area = x.length / weight.values.length;
  const y = new Float32Array(x.length);
  for (let from = 0; from < x.length; from += size) {
    const own = x.subarray(from, from + size);
    let mean = 0;
    for (const value of own) mean += value / size;
    let variance = 0;
    for (const value of own) variance += (value - mean) ** 2 / size;
    const scale = 1 / Math.sqrt(variance + epsilon);
    own.forEach((value, i) => {
      const channel = Math.floor((from + i) / area);
      y[from + i] = (value - mean) * scale * weight.values[channel] + bias.values[channel];
    });
  }
  return y;
}
