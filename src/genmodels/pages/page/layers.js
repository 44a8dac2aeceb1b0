// The layers of the networks, as small functions on Float32Array.
//
// A weight is { shape: [rows, columns], values: Float32Array }, row after row, named as PyTorch names it.
// Every function gives back a new array; none changes what it is given.
"use strict";

// ---- from base64 to numbers -----------------------------------------------------------------

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

// A float16 has 1 bit of sign, 5 of exponent and 10 of fraction; browsers read it only since 2025.
function fromFloat16(half) {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const decoders = {
  float32: (bytes) => new Float32Array(bytes.buffer),
  float16: (bytes) => Float32Array.from(new Uint16Array(bytes.buffer), fromFloat16),
  int: (bytes, packed) => byRows(ofBits(bytes, packed.shape.reduce((a, b) => a * b, 1), packed.bits), packed),
};

// Whole numbers of 8 to 16 bits one after the other, of each the lowest bit first; the shifts to and fro spread the sign.
function ofBits(bytes, count, bits) {
  const steps = new Int16Array(count);
  for (let i = 0, at = 0, held = 0, holds = 0; i < count; i += 1) {
    for (; holds < bits; holds += 8, at += 1) held |= bytes[at] << holds;
    steps[i] = (held << (32 - bits)) >> (32 - bits);
    held >>>= bits;
    holds -= bits;
  }
  return steps;
}

// Whole numbers, and for each row what one of them is worth.
function byRows(steps, packed) {
  const scales = new Float32Array(bytesOf(packed.scales).buffer);
  const width = steps.length / scales.length;
  return Float32Array.from(steps, (step, i) => step * scales[Math.floor(i / width)]);
}

function decode(packed) {
  return { shape: packed.shape, values: decoders[packed.kind](bytesOf(packed.numbers), packed) };
}

// All weights of a network, by name.
function decodeAll(arrays) {
  return Object.fromEntries(Object.entries(arrays).map(([name, packed]) => [name, decode(packed)]));
}

// ---- functions of one number ----------------------------------------------------------------

const activations = {
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  relu: (x) => Math.max(0, x),
  leakyRelu: (x, slope = 0.2) => (x > 0 ? x : slope * x),
  silu: (x) => x / (1 + Math.exp(-x)),
};

const each = (x, f) => Float32Array.from(x, (value) => f(value));

// ---- layers ---------------------------------------------------------------------------------

// Arrays of equal length, one after the other.
function sideBySide(arrays) {
  const size = arrays[0].length;
  const all = new Float32Array(size * arrays.length);
  arrays.forEach((one, i) => all.set(one, i * size));
  return all;
}

// W x + b. The inner loop is where a page spends its time: four sums at once keep the processor busy.
function linear(weight, bias, x) {
  const [rows, columns] = weight.shape;
  const w = weight.values;
  const y = new Float32Array(rows);
  const fours = columns - (columns % 4);
  for (let row = 0, at = 0; row < rows; row += 1) {
    let a = 0, b = 0, c = 0, d = 0;
    let i = 0;
    for (; i < fours; i += 4, at += 4) {
      a += w[at] * x[i];
      b += w[at + 1] * x[i + 1];
      c += w[at + 2] * x[i + 2];
      d += w[at + 3] * x[i + 3];
    }
    for (; i < columns; i += 1, at += 1) a += w[at] * x[i];
    y[row] = a + b + c + d + (bias ? bias.values[row] : 0);
  }
  return y;
}

// The row of a table that stands for a character.
function embedding(weight, id) {
  const width = weight.shape[1];
  return weight.values.subarray(id * width, (id + 1) * width);
}

// (x - mean) / sqrt(variance + epsilon), then a scale and a shift for each unit.
function layerNorm(weight, bias, x, epsilon = 1e-5) {
  let mean = 0;
  for (const value of x) mean += value / x.length;
  let variance = 0;
  for (const value of x) variance += (value - mean) ** 2 / x.length;
  const scale = 1 / Math.sqrt(variance + epsilon);
  return x.map((value, i) => (value - mean) * scale * weight.values[i] + bias.values[i]);
}

// As it is after training: each channel of (channels, height, width) by the mean and variance of the training.
function batchNorm(weight, bias, mean, variance, x, epsilon = 1e-5) {
  const size = x.length / mean.values.length;
  return x.map((value, i) => {
    const channel = Math.floor(i / size);
    const scale = (weight ? weight.values[channel] : 1) / Math.sqrt(variance.values[channel] + epsilon);
    return (value - mean.values[channel]) * scale + (bias ? bias.values[channel] : 0);
  });
}

// ---- cells: one step of a recurrent layer ----------------------------------------------------

// h = tanh(W x + U h + b)
function rnnStep(layer, x, state) {
  const ofInput = linear(layer.weight_ih_l0, layer.bias_ih_l0, x);
  const ofHidden = linear(layer.weight_hh_l0, layer.bias_hh_l0, state.h);
  return { h: ofInput.map((value, i) => Math.tanh(value + ofHidden[i])) };
}

// h = (1 - z) n + z h, with n = tanh(W x + b + r (U h + b')); rows are ordered r, z, n.
function gruStep(layer, x, state) {
  const size = state.h.length;
  const a = linear(layer.weight_ih_l0, layer.bias_ih_l0, x);
  const b = linear(layer.weight_hh_l0, layer.bias_hh_l0, state.h);
  const h = new Float32Array(size);
  for (let i = 0; i < size; i += 1) {
    const reset = activations.sigmoid(a[i] + b[i]);
    const keep = activations.sigmoid(a[size + i] + b[size + i]);
    const candidate = Math.tanh(a[2 * size + i] + reset * b[2 * size + i]);
    h[i] = (1 - keep) * candidate + keep * state.h[i];
  }
  return { h };
}

// c = keep c + write g, h = read tanh(c); rows are ordered write, keep, g, read.
function lstmStep(layer, x, state) {
  const size = state.h.length;
  const a = linear(layer.weight_ih_l0, layer.bias_ih_l0, x);
  const b = linear(layer.weight_hh_l0, layer.bias_hh_l0, state.h);
  const h = new Float32Array(size);
  const c = new Float32Array(size);
  for (let i = 0; i < size; i += 1) {
    const write = activations.sigmoid(a[i] + b[i]);
    const keep = activations.sigmoid(a[size + i] + b[size + i]);
    const candidate = Math.tanh(a[2 * size + i] + b[2 * size + i]);
    const read = activations.sigmoid(a[3 * size + i] + b[3 * size + i]);
    c[i] = keep * state.c[i] + write * candidate;
    h[i] = read * Math.tanh(c[i]);
  }
  return { h, c };
}

const CELL_STEPS = { rnn: rnnStep, gru: gruStep, lstm: lstmStep };

// ---- convolutions: images are (channels, height, width), channel after channel ----------------

const twoOf = (value) => (Array.isArray(value) ? value : [value, value]); // down and across

// weight: (out, in, rows, columns); out of the image there is nothing. What lies under the filters at a place is one
// vector, and all filters together are a matrix.
function conv2d(weight, bias, x, [height, width], { stride = 1, padding = 0 } = {}) {
  const [outs, ins, rows, columns] = weight.shape;
  const [[down, across], [top, left]] = [twoOf(stride), twoOf(padding)];
  const outHeight = Math.floor((height + 2 * top - rows) / down) + 1;
  const outWidth = Math.floor((width + 2 * left - columns) / across) + 1;
  const size = outHeight * outWidth;
  const filters = { shape: [outs, ins * rows * columns], values: weight.values };
  const under = new Float32Array(ins * rows * columns);
  const y = new Float32Array(outs * size);
  for (let at = 0; at < size; at += 1) {
    look(Math.floor(at / outWidth) * down - top, (at % outWidth) * across - left);
    const found = linear(filters, bias, under);
    for (let o = 0; o < outs; o += 1) y[o * size + at] = found[o];
  }
  return { values: y, size: [outHeight, outWidth] };

  // What lies under a filter with its corner there.
  function look(cornerV, cornerU) {
    for (let i = 0, to = 0; i < ins; i += 1) {
      for (let v = cornerV; v < cornerV + rows; v += 1) {
        const inside = v >= 0 && v < height;
        const from = (i * height + v) * width;
        for (let u = cornerU; u < cornerU + columns; u += 1, to += 1) {
          under[to] = inside && u >= 0 && u < width ? x[from + u] : 0;
        }
      }
    }
  }
}

// The other way round: each pixel of the input paints the filter into the output. weight: (in, out, rows, columns).
function convTransposed2d(weight, bias, x, [height, width], { stride = 1, padding = 0, outputPadding = 0 } = {}) {
  const [ins, outs, rows, columns] = weight.shape;
  const outHeight = (height - 1) * stride - 2 * padding + rows + outputPadding;
  const outWidth = (width - 1) * stride - 2 * padding + columns + outputPadding;
  const y = new Float32Array(outs * outHeight * outWidth);
  if (bias) y.forEach((_, at) => { y[at] = bias.values[Math.floor(at / (outHeight * outWidth))]; });
  for (let at = 0; at < ins * height * width; at += 1) {
    if (x[at] === 0) continue; // as after a ReLU half of them are
    const [v, u] = [Math.floor(at / width) % height, at % width];
    paint(x[at], Math.floor(at / (height * width)), v * stride - padding, u * stride - padding);
  }
  return { values: y, size: [outHeight, outWidth] };

  function paint(value, i, top, left) {
    const [firstRow, lastRow] = [Math.max(0, -top), Math.min(rows, outHeight - top)];
    const [first, last] = [Math.max(0, -left), Math.min(columns, outWidth - left)];
    for (let o = 0; o < outs; o += 1) {
      for (let r = firstRow; r < lastRow; r += 1) {
        const filter = ((i * outs + o) * rows + r) * columns;
        const to = (o * outHeight + top + r) * outWidth + left;
        for (let c = first; c < last; c += 1) y[to + c] += value * weight.values[filter + c];
      }
    }
  }
}

// ---- from logits to a choice ------------------------------------------------------------------

function largest(x) {
  let best = 0;
  for (let i = 1; i < x.length; i += 1) if (x[i] > x[best]) best = i;
  return best;
}

// Probabilities; a low temperature sharpens them, a high one evens them out.
function softmax(logits, temperature = 1) {
  const most = logits[largest(logits)];
  const powers = Float64Array.from(logits, (value) => Math.exp((value - most) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
}

// An index drawn from logits; at temperature 0 the likeliest. `uniform` lies between 0 and 1.
function sample(logits, temperature, uniform) {
  if (temperature === 0) return largest(logits);
  const probabilities = softmax(logits, temperature);
  let left = uniform;
  for (let i = 0; i < probabilities.length; i += 1) {
    left -= probabilities[i];
    if (left < 0) return i;
  }
  return largest(probabilities);
}

// Random numbers between 0 and 1 from a seed (mulberry32): the same seed, the same numbers.
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// The weights of one module, by the rest of their names: part(weights, "layers.0") has weight_ih_l0 and so on.
function part(weights, prefix) {
  const own = Object.entries(weights).filter(([name]) => name.startsWith(`${prefix}.`));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length + 1), value]));
}


const layers = {
  activations, batchNorm, bytesOf, conv2d, convTransposed2d, decode, decodeAll, each, embedding, gruStep, largest,
  layerNorm, linear, lstmStep, part, randomNumbers, rnnStep, sample, softmax,
};
