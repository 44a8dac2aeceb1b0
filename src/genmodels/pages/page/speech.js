// A network that listens: recordings to hear, what they look like, and what is heard at each moment of them.
"use strict";

const MOST_HEARD_BARS = 5;
const SPECTROGRAM_DEPTH = 12; // nats below the loudest that are still drawn

// ---- networks that have the same recordings -----------------------------------------------------------------

// This section's own network, and in the first of those that share recordings all others, too.
function listenersBeside(alive) {
  const sharing = page.alive.filter((one) => one.part === "speech" && one.data.shared === alive.data.shared);
  const others = sharing[0] === alive ? sharing.slice(1) : [];
  return [alive, ...others];
}

// ---- what is shown ------------------------------------------------------------------------------------------

// Bands from below to above, loud ones dark.
function paintSpectrogram(canvas, bands) {
  const loudest = Math.max(...bands.map((row) => Math.max(...row)));
  Object.assign(canvas, { width: bands.length, height: SOUND.bands });
  const values = Float32Array.from({ length: bands.length * SOUND.bands }, (_, at) => {
    const [t, row] = [at % bands.length, Math.floor(at / bands.length)];
    return 1 + (bands[t][SOUND.bands - 1 - row] - loudest) / SPECTROGRAM_DEPTH;
  });
  paintPicture(canvas, values, "light");
}

// Something that lies along the time of a recording, under a mark that can be moved.
function timeTape(content) {
  const sight = make("div", { class: "sight" });
  const mark = make("div", { class: "moment" });
  const element = make("div", { class: "tape" }, sight, content, mark);
  return {
    element,
    show(step, steps, [first, last] = [0, -1]) {
      mark.style.insetInlineStart = `${(100 * (step + 0.5)) / steps}%`;
      sight.style.insetInlineStart = `${(100 * first) / steps}%`;
      sight.style.inlineSize = `${(100 * (last + 1 - first)) / steps}%`;
    },
  };
}

// One network: its spikes, what it reads, and what it hears at the moment.
function listenerView(alive) {
  const { data, networks } = alive;
  const chart = spikeChart(`the output for each word at each moment, ${visible(alive.name)}`);
  const tape = timeTape(chart.element);
  const said = make("output", { class: "reading words" });
  const told = make("p", { class: "small sure" });
  const bars = make("ol", { class: "bars words", "aria-label": `what ${visible(alive.name)} hears at this moment` });
  let reading = null;
  return {
    tape,
    element: make("figure", { class: `listener run-${alive.run}` },
      make("h4", {}, `${visible(alive.name)} `, make("small", {}, data.model)), tape.element,
      chart.legend, make("figcaption", {}, sightTold(data)), said, told),
    heard: make("div", { class: `run-${alive.run}` }, make("h4", {}, visible(alive.name)), bars),
    steps: () => reading.logP.length,
    read(samples, truth) {
      const logP = listen(data, networks[0].weights(), soundRows(samples, data.features));
      reading = { ...readPath(logP), logP };
      chart.show(reading, data.words);
      const text = reading.classes.map((kind) => data.words[kind]).join(" ");
      said.textContent = visible(text) || "nothing";
      told.textContent = `${text === truth ? "Right." : `Wrong: it is ${visible(truth)}.`} ${sureTold(reading.confidence)}`;
    },
    show(step) {
      tape.show(step, reading.logP.length, sightOf(data, step, reading.logP.length));
      const shares = [...reading.logP[step]].map((value, output) => [
        output === BLANK ? "nothing new" : shortSign(data.words[output - 1]), Math.exp(value)]);
      fillBars(bars, shares.sort((a, b) => b[1] - a[1]).slice(0, MOST_HEARD_BARS));
    },
  };
}

// ---- one recording, and the moment that is looked at --------------------------------------------------------

function makeHearing(alive) {
  const listeners = listenersBeside(alive).map(listenerView);
  const canvas = pictureCanvas([SOUND.bands, 1], "spectrogram: time to the right, higher tones above, loud ones dark",
    { class: "spectrogram" });
  const picture = timeTape(canvas);
  const audio = make("audio", { controls: true, preload: "auto", "aria-label": "the recording" });
  const moment = make("input", { type: "range", min: "0", step: "1" });
  const shown = make("output", {});
  function show(step) {
    const steps = listeners[0].steps();
    const at = Math.min(steps - 1, Math.max(0, step));
    moment.value = String(at);
    shown.textContent = `${secondsOfStep(at).toFixed(2)} s`;
    picture.show(at, steps);
    listeners.forEach((listener) => listener.show(at));
  }
  return {
    listeners, picture, audio, moment, shown, show,
    choose(clip) {
      const samples = samplesOf(clip.wav);
      audio.src = `data:audio/wav;base64,${clip.wav}`;
      paintSpectrogram(canvas, logBands(samples));
      listeners.forEach((listener) => listener.read(samples, clip.truth));
      moment.max = String(listeners[0].steps() - 1);
      show(Math.floor(listeners[0].steps() / 2));
    },
  };
}

// The mark goes along with the sound, and where the pointer is.
function followMoments(hearing) {
  const { audio, moment, show, listeners } = hearing;
  moment.addEventListener("input", () => show(Number(moment.value)));
  audio.addEventListener("play", () => requestAnimationFrame(function frame() {
    if (audio.paused) return;
    show(stepAt(audio.currentTime));
    requestAnimationFrame(frame);
  }));
  for (const tape of [hearing.picture, ...listeners.map((one) => one.tape)]) {
    const point = (event) => {
      const box = tape.element.getBoundingClientRect();
      show(Math.floor((listeners[0].steps() * (event.clientX - box.left)) / box.width));
    };
    tape.element.addEventListener("pointerdown", point);
    tape.element.addEventListener("pointermove", point);
  }
}

function startSpeech(root, alive) {
  const { clips } = alive.data;
  if (clips.length === 0) {
    root.append(make("p", {}, "Its recordings are gone, or too long for a page: there is nothing to listen to here."));
    return;
  }
  const hearing = makeHearing(alive);
  const choice = make("select", { change: () => hearing.choose(clips[choice.selectedIndex]) },
    ...clips.map((clip) => make("option", {}, visible(`${clip.name}: ${clip.truth}`))));
  root.append(
    make("div", { class: "controls" }, labelled("recording", choice), hearing.audio),
    make("figure", {}, hearing.picture.element, make("figcaption", {},
      "time to the right, higher tones above, loud ones dark; the mark shows the moment")),
    make("div", { class: "listeners" }, ...hearing.listeners.map((one) => one.element)),
    make("div", { class: "controls moments" }, labelled("moment", hearing.moment, hearing.shown)),
    make("div", { class: "writers" }, ...hearing.listeners.map((one) => one.heard)));
  followMoments(hearing);
  hearing.choose(clips[0]);
}

parts.speech = {
  start: startSpeech,
  // Log-probabilities of a sound of whole numbers, as Python's recorded inputs are.
  outputs: (data, weights, samples) => listen(data, weights, soundRows(Float32Array.from(samples, (x) => x / 32768), data.features)),
};
