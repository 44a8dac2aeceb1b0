// The layers of pixel models: each computes a pixel from those before it, and keeps what it must look back at.
//
// A row of features is an array with a Float32Array for each pixel; out of the image there is nothing, which is zeros.
// Every layer gives { beginRow(...), pixel(column, x) }: what it needs of the rows above, then pixel after pixel.
"use strict";

function vectorSum(a, b) {
  return a.map((value, i) => value + b[i]);
}

// A convolution (out, in, rows, columns) as a matrix that takes the pixels under it, side by side.
function convolutionMatrix({ shape: [outs, ins, rows, columns], values }) {
  const under = rows * columns;
  const matrix = new Float32Array(values.length);
  for (let o = 0; o < outs; o += 1) {
    for (let i = 0; i < ins; i += 1) {
      for (let p = 0; p < under; p += 1) matrix[(o * under + p) * ins + i] = values[(o * ins + i) * under + p];
    }
  }
  return { shape: [outs, under * ins], values: matrix };
}

// (rows, columns) -> (columns, rows)
function matrixTransposed(values, rows, columns) {
  const turned = new Float32Array(values.length);
  for (let r = 0; r < rows; r += 1) for (let c = 0; c < columns; c += 1) turned[c * rows + r] = values[r * columns + c];
  return { shape: [columns, rows], values: turned };
}

// ---- the gated PixelCNN -------------------------------------------------------------------------

// tanh of one half of the channels times the sigmoid of the other.
function gated(x) {
  const size = x.length / 2;
  const y = new Float32Array(size);
  for (let i = 0; i < size; i += 1) y[i] = Math.tanh(x[i]) * activations.sigmoid(x[size + i]);
  return y;
}

// Two stacks: the vertical one knows the rows above, the horizontal one also the pixels before in its own row.
//   v' = v + gate(W_v * v)      h' = h + W gate(W_h * h + W_a v')
// The vertical one is computed row by row, the horizontal one pixel by pixel.
function gatedLayer(layer, dilation) {
  const [vertical, across, horizontal, back] = ["vertical", "across", "horizontal", "back"].map(
    (name) => convolutionMatrix(layer[`${name}.weight`]));
  const nothing = new Float32Array(back.shape[0]);
  const above = Array.from({ length: dilation }, () => []); // the rows it looks back at, the highest first
  let left, fromAbove;
  return {
    beginRow(v) {
      const higher = above.shift();
      above.push(v);
      left = [];
      const next = v.map((own, column) => {
        const places = [column - dilation, column, column + dilation];
        const under = [higher, v].flatMap((row) => places.map((place) => row[place] ?? nothing));
        return vectorSum(own, gated(linear(vertical, layer["vertical.bias"], sideBySide(under))));
      });
      fromAbove = next.map((one) => linear(across, layer["across.bias"], one));
      return next;
    },
    pixel(column, h) {
      const both = sideBySide([left[column - dilation] ?? nothing, h]);
      left[column] = h;
      const b = vectorSum(fromAbove[column], linear(horizontal, null, both));
      return vectorSum(h, linear(back, layer["back.bias"], gated(b)));
    },
  };
}

// ---- PixelRNN: LSTMs over an image ---------------------------------------------------------------

// c = keep c + write g, h = read tanh(c); the gates are ordered read, keep, write, g.
function imageLstm(gates, cell) {
  const size = cell.length;
  const h = new Float32Array(size);
  const c = new Float32Array(size);
  for (let i = 0; i < size; i += 1) {
    const read = activations.sigmoid(gates[i]);
    const keep = activations.sigmoid(gates[size + i]);
    const write = activations.sigmoid(gates[2 * size + i]);
    c[i] = keep * cell[i] + write * Math.tanh(gates[3 * size + i]);
    h[i] = read * Math.tanh(c[i]);
  }
  return { h, c };
}

// Down the rows: gates from two pixels of the layer below, (c - 1, c), and three states of the row above.
function rowLstmLayer(layer, width) {
  const kernel = layer["from_state.weight"];
  const fromState = convolutionMatrix({ ...kernel, shape: [kernel.shape[0], kernel.shape[1], 1, kernel.shape[2]] });
  const fromInput = convolutionMatrix(layer["from_input.weight"]);
  const size = kernel.shape[1];
  const nothing = { h: new Float32Array(size), c: new Float32Array(size) };
  let states = new Array(width).fill(nothing);
  let above, ofState, before;
  return {
    beginRow() {
      above = states;
      states = [];
      before = new Float32Array(2 * size);
      ofState = above.map((_, column) => {
        const three = [column - 1, column, column + 1].map((place) => (above[place] ?? nothing).h);
        return linear(fromState, null, sideBySide(three));
      });
    },
    pixel(column, x) {
      const ofInput = linear(fromInput, layer["from_input.bias"], sideBySide([before, x]));
      before = x;
      states[column] = imageLstm(vectorSum(ofState[column], ofInput), above[column].c);
      return states[column].h;
    },
  };
}

// Two LSTMs along the diagonals. The left one's state comes from the pixels to the left and above; the right one's from
// those to the right and above, and is read one row below, so that it does not look ahead: it goes through a row,
// from its end, when that is finished, and may see its pixels themselves.
function diagonalLayer(layer, width) {
  const inputs = [part(layer, "from_input.0"), part(layer, "from_input.1")];
  const [, twice, gates] = layer.from_states.shape;
  const states = [0, 1].map((side) => {
    const own = layer.from_states.values.subarray(side * twice * gates, (side + 1) * twice * gates);
    return matrixTransposed(own, twice, gates);
  });
  const nothing = { h: new Float32Array(twice / 2), c: new Float32Array(twice / 2) };
  const left = new Array(width).fill(nothing);
  const right = new Array(width).fill(nothing);
  let seen = [];
  let beside = nothing;
  const update = (side, x, next, above) => {
    const ofStates = linear(states[side], null, sideBySide([next.h, above.h]));
    return imageLstm(vectorSum(linear(inputs[side].weight, inputs[side].bias, x), ofStates), next.c);
  };
  return {
    beginRow(_, pixelsAbove) {
      beside = nothing;
      for (let column = seen.length - 1; column >= 0; column -= 1) { // none before the first row
        beside = update(1, Float32Array.of(...seen[column], pixelsAbove[column]), beside, right[column]);
        right[column] = beside;
      }
      seen = [];
      beside = nothing;
    },
    pixel(column, x) {
      seen.push(x);
      beside = update(0, x, beside, left[column]);
      left[column] = beside;
      return vectorSum(beside.h, right[column].h);
    },
  };
}
