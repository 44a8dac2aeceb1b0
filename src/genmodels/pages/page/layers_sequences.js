// Layers that go along a sequence, and what connectionist temporal classification reads out of it.
//
// A sequence is an array of Float32Array, one for each column of a strip or each moment of a sound.
"use strict";

// One direction of a layer, as a cell's step asks for it: weight_ih_l1_reverse becomes weight_ih_l0.
function cellOf(weights, prefix, layer = 0, way = "") {
  const names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];
  return Object.fromEntries(names.map((name) => [`${name}_l0`, weights[`${prefix}.${name}_l${layer}${way}`]]));
}

// The state h after each element; backwards: read from the last one, and given in the order of the sequence.
function recurrent(kind, cell, sequence, backwards = false) {
  const size = cell.weight_hh_l0.shape[1];
  const states = new Array(sequence.length);
  let state = { h: new Float32Array(size), c: new Float32Array(size) };
  for (let step = 0; step < sequence.length; step += 1) {
    const at = backwards ? sequence.length - 1 - step : step;
    state = CELL_STEPS[kind](cell, sequence[at], state);
    states[at] = state.h;
  }
  return states;
}

// Forwards and backwards side by side.
function bothWays(kind, weights, prefix, layer, sequence) {
  const forwards = recurrent(kind, cellOf(weights, prefix, layer), sequence);
  const backwards = recurrent(kind, cellOf(weights, prefix, layer, "_reverse"), sequence, true);
  return forwards.map((h, at) => sideBySide([h, backwards[at]]));
}

// ---- connectionist temporal classification ------------------------------------------------------------------------

const BLANK = 0; // the output that stands for "nothing new here"; class k is output k + 1

// Log-probabilities out of logits.
function logSoftmax(logits) {
  const most = logits[largest(logits)];
  let sum = 0;
  for (const value of logits) sum += Math.exp(value - most);
  return Float64Array.from(logits, (value) => value - most - Math.log(sum));
}

function logAddExp(a, b) {
  const most = Math.max(a, b);
  return most === -Infinity ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
}

// Log of the sum over all paths of a reading (Graves et al. 2006): how likely the whole reading is.
function logOfReading(logP, classes) {
  const states = new Array(2 * classes.length + 1).fill(BLANK);
  classes.forEach((kind, i) => { states[2 * i + 1] = kind + 1; });
  let reached = states.map((output, i) => (i < 2 ? logP[0][output] : -Infinity));
  for (const column of logP.slice(1)) {
    const before = reached;
    reached = states.map((output, i) => {
      const skips = i % 2 === 1 && i > 1 && output !== states[i - 2]; // between equal classes a blank must stand
      const one = logAddExp(before[i], i > 0 ? before[i - 1] : -Infinity);
      return column[output] + (skips ? logAddExp(one, before[i - 2]) : one);
    });
  }
  return logAddExp(reached[reached.length - 1], reached[reached.length - 2] ?? -Infinity);
}

// The likeliest path: { classes, spans, scores, peaks, confidence }. Repeats are one, blanks are dropped; spans are first and last
// columns, peaks where a class is surest, with the probability there as its score.
function readPath(logP) {
  const found = { classes: [], spans: [], scores: [], peaks: [] };
  let before = BLANK;
  logP.forEach((column, at) => {
    const output = largest(column);
    if (output !== BLANK && output !== before) {
      found.classes.push(output - 1);
      found.spans.push([at, at]);
      found.scores.push(0);
      found.peaks.push(at);
    }
    const last = found.classes.length - 1;
    if (output !== BLANK) found.spans[last][1] = at;
    if (output !== BLANK && Math.exp(column[output]) > found.scores[last]) {
      found.scores[last] = Math.exp(column[output]);
      found.peaks[last] = at;
    }
    before = output;
  });
  return { ...found, confidence: Math.exp(logOfReading(logP, found.classes)) };
}
