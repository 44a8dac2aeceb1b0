// The networks that listen: layers that see some frames, a recurrent one where there is one, and a distribution every 20 ms.
"use strict";

const LISTENING_STRIDE = 2; // frames from one distribution to the next
const STEP_SECONDS = (LISTENING_STRIDE * SOUND.hop) / SOUND.rate;

// Where the middle of a step lies, in seconds, and the step whose middle lies nearest.
const secondsOfStep = (step) => step * STEP_SECONDS + SOUND.spectrum / 2 / SOUND.rate;
const stepAt = (seconds) => Math.round((seconds - SOUND.spectrum / 2 / SOUND.rate) / STEP_SECONDS);

// A layer that sees some frames around each place: a convolution, normalisation over its channels, ReLU.
function framesLayer(of, sequence, stride, dilation) {
  const [channels, inputs, , width] = of["taps.weight"].shape;
  const filters = { shape: [channels, inputs * width], values: of["taps.weight"].values };
  const around = (dilation * (width - 1)) / 2;
  const seen = new Float32Array(inputs * width);
  const places = Math.ceil(sequence.length / stride);
  return Array.from({ length: places }, (_, place) => {
    for (let k = 0; k < width; k += 1) {
      const frame = sequence[place * stride - around + k * dilation];
      for (let i = 0; i < inputs; i += 1) seen[i * width + k] = frame ? frame[i] : 0; // outside there is nothing
    }
    return layerNorm(of["norm.weight"], of["norm.bias"], linear(filters, null, seen)).map((x) => Math.max(0, x));
  });
}

// Log-probabilities of blank and of each word, every 20 ms, of rows of features.
function listen(data, weights, rows) {
  let states = framesLayer(part(weights, "front"), rows, LISTENING_STRIDE, 1);
  data.dilations.forEach((dilation, index) => {
    const added = framesLayer(part(weights, `blocks.${index}.layer`), states, 1, dilation);
    states = states.map((state, t) => state.map((value, i) => value + added[t][i]));
  });
  if (data.cell && data.bothWays) states = bothWays(data.cell, weights, "recurrent", 0, states);
  else if (data.cell) states = recurrent(data.cell, cellOf(weights, "recurrent"), states);
  return states.map((h) => logSoftmax(linear(weights["output.weight"], weights["output.bias"], h)));
}

// First and last step that a step's distribution can depend on; the rows themselves have
// the loudest band and each band's mean of the whole recording in them, too.
function sightOf(data, step, steps) {
  const around = data.frames / LISTENING_STRIDE;
  return [
    data.cell ? 0 : Math.max(0, step - around),
    data.bothWays ? steps - 1 : Math.min(steps - 1, step + around),
  ];
}

// What the network hears at each moment, in words; that is shaded, as sightOf has it.
function sightTold(data) {
  if (data.bothWays) return "shaded: at each moment it has heard the whole recording, forwards and backwards";
  const around = (10 * data.frames).toFixed(0);
  const besides = "and of all the rest only how loud the recording is, and its colour";
  if (data.cell) return `shaded: at each moment it has heard all that came before, ${around} ms more, ${besides}`;
  return `shaded: at each moment it hears ${around} ms before, as much after, ${besides}`;
}
