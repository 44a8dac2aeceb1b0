// A variational autoencoder: its code is moved by hand, by test images, and by what is drawn with the finger.
"use strict";

// ---- the networks -------------------------------------------------------------------------------

// The class as one 1 among zeros, beside other numbers; nothing where the network knows no classes.
function withClass(x, data, label) {
  if (!data.classes) return x;
  const y = new Float32Array(x.length + data.classes.length);
  y.set(x);
  y[x.length + label] = 1;
  return y;
}

const DENSE_VAE = {
  encode: (weights, data, image, label, f) => denseLayers(weights, "encoder.layers", withClass(image, data, label), f),
  decode: (weights, data, code, label, f) => denseLayers(weights, "decoder.layers", withClass(code, data, label), f),
};

const CONV_VAE = {
  encode(weights, data, image, label, f) {
    const size = data.shape.map((length) => 4 * quarter(length));
    const filled = resized(image.map((value) => 2 * value - 1), data.shape, size);
    const of = part(weights, "encoder.convolutions");
    let maps = pixelUnshuffle(filled, size);
    maps = conv2d(of["0.weight"], of["0.bias"], maps.values, maps.size, { padding: 1 });
    maps = conv2d(of["2.weight"], of["2.bias"], maps.values.map((x) => f(x)), maps.size, { stride: 2, padding: 1 });
    return denseLayers(weights, "encoder.layers", withClass(maps.values.map((x) => f(x)), data, label), f);
  },
  decode(weights, data, code, label, f) {
    const of = part(weights, "decoder.convolutions");
    const size = data.shape.map(quarter);
    let x = denseLayers(weights, "decoder.layers", withClass(code, data, label), f);
    let block = 0;
    for (; `${block}.branch.1.weight` in of; block += 1) x = residualBlock(part(of, `${block}.branch`), x, size, f);
    const [up, last] = [part(of, String(block + 1)), part(of, String(block + 3))];
    let maps = convTransposed2d(up.weight, up.bias, x.map((value) => f(value)), size, { stride: 2, padding: 1 });
    maps = conv2d(last.weight, null, maps.values.map((value) => f(value)), maps.size, { padding: 1 });
    maps = pixelShuffle(maps.values, maps.size);
    return resized(maps.values, maps.size, data.shape);
  },
};

// x + W2 f(W1 * f(x))
function residualBlock(of, x, size, f) {
  const wide = conv2d(of["1.weight"], of["1.bias"], x.map((value) => f(value)), size, { padding: 1 });
  const branch = conv2d(of["3.weight"], of["3.bias"], wide.values.map((value) => f(value)), size).values;
  return x.map((value, i) => value + branch[i]);
}

const LOG_VARIANCE_LIMIT = 10;

// encode(image, label) gives mean and log-variance of the code, decode(code, label) a logit for every pixel.
function vaeNetwork(data, weights) {
  const kind = { mlp: DENSE_VAE, conv: CONV_VAE }[data.model];
  const f = activations[data.activation];
  const bias = weights.pixel_bias.values;
  return {
    encode(image, label) {
      const both = kind.encode(weights, data, image, label, f);
      const raw = both.subarray(data.latent);
      return {
        mean: both.slice(0, data.latent),
        logVariance: raw.map((value) => LOG_VARIANCE_LIMIT * Math.tanh(value / LOG_VARIANCE_LIMIT)),
      };
    },
    decode: (code, label) => kind.decode(weights, data, code, label, f).map((value, i) => value + bias[i]),
  };
}

// What Python computes of a recorded input, too: mean, log-variance, and the logits of the mean.
function vaeOutputs(network, image, label) {
  const { mean, logVariance } = network.encode(Float32Array.from(image), label);
  return [...mean, ...logVariance, ...network.decode(mean, label)];
}

// ---- the code, which all that follows moves -------------------------------------------------------

const dimensionName = (data, index) => `z${data.dimensions[index]}`;
const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

// The code and the class; whoever wants to know of a change adds a function to `listeners`.
function makeCode(alive) {
  const network = vaeNetwork(alive.data, alive.networks[0].weights());
  const listeners = [];
  const state = { code: new Float32Array(alive.data.latent), label: 0 };
  const tell = oncePerFrame(() => {
    const picture = network.decode(state.code, state.label).map((value) => activations.sigmoid(value));
    listeners.forEach((listener) => listener(state.code, picture, state.label));
  });
  return {
    network, listeners, state, tell,
    take(code, label = state.label) {
      Object.assign(state, { code: Float32Array.from(code), label });
      tell();
    },
    move(dimension, value) {
      state.code[dimension] = value;
      tell();
    },
  };
}

function startVae(root, alive) {
  const code = makeCode(alive);
  const picture = pictureCanvas(alive.data.shape, "what the network draws of the code", { class: "pixels large" });
  code.listeners.push((_, values) => paintPicture(picture, values, alive.data.ink));
  const random = randomNumbers(1);
  const buttons = make("div", { class: "buttons" },
    button("A code at random", () => code.take(normalNumbers(random, alive.data.latent)), { class: "main" }),
    button("All zero", () => code.take(new Float32Array(alive.data.latent))));
  // The drawing stays in sight while the map and the sliders are moved.
  const stage = make("div", { class: "stage" },
    make("figure", { class: "stage-drawing" }, picture,
      make("div", {}, make("figcaption", {}, "what it draws of the code"), vaeBars(alive.data, code))),
    make("div", { class: "stage-hands" }, vaeClasses(alive.data, code), buttons,
      alive.data.latent > 1 ? vaePad(alive.data, code) : "", vaeSliders(alive.data, code)));
  root.append(stage);
  if (alive.data.digits) root.append(vaeDigits(alive.data, code));
  root.append(vaeDrawing(alive.data, code));
  code.tell();
}

parts.vae = { start: startVae, network: vaeNetwork, outputs: vaeOutputs };
