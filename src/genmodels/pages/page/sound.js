// From a sound to what a network hears of it: the energy in bands of the mel scale, every 10 ms.
//
// A window of 25 ms, its power spectrum, summed in 40 triangular bands, the logarithm of each sum; every band's mean over
// the recording is taken away, and all is divided by one deviation.
"use strict";

const SOUND = { rate: 8000, window: 200, hop: 80, spectrum: 256, bands: 40, lowest: 60, coefficients: 13 };
const SOUND_FLOOR = 1e-5; // of the loudest band: 50 dB below it there is nothing to hear
const WAV_HEAD = 44; // bytes before the samples

// Samples from -1 to 1 out of a WAV file in base64.
function samplesOf(wav) {
  const bytes = bytesOf(wav);
  const view = new DataView(bytes.buffer, WAV_HEAD);
  return Float32Array.from({ length: view.byteLength / 2 }, (_, i) => view.getInt16(2 * i, true) / 32768);
}

// The Hann window in the middle of as many samples as a spectrum is taken of.
const hannWindow = Float64Array.from({ length: SOUND.spectrum }, (_, i) => {
  const at = i - (SOUND.spectrum - SOUND.window) / 2;
  return at >= 0 && at < SOUND.window ? 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / SOUND.window) : 0;
});

// The fast Fourier transform of a power of two of numbers, in place (Cooley and Tukey 1965).
function fourier(real, imaginary) {
  const count = real.length;
  for (let i = 1, j = 0; i < count; i += 1) {
    let bit = count >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [real[i], real[j], imaginary[i], imaginary[j]] = [real[j], real[i], imaginary[j], imaginary[i]];
  }
  for (let size = 2; size <= count; size *= 2) {
    for (let k = 0; k < size / 2; k += 1) {
      const [cosine, sine] = [Math.cos((-2 * Math.PI * k) / size), Math.sin((-2 * Math.PI * k) / size)];
      for (let a = k; a < count; a += size) {
        const b = a + size / 2;
        const re = cosine * real[b] - sine * imaginary[b];
        const im = cosine * imaginary[b] + sine * real[b];
        [real[b], imaginary[b]] = [real[a] - re, imaginary[a] - im];
        [real[a], imaginary[a]] = [real[a] + re, imaginary[a] + im];
      }
    }
  }
}

// Power of each frequency in the window that begins at a sample.
function powerAt(samples, start) {
  const real = hannWindow.map((weight, i) => weight * samples[start + i]);
  const imaginary = new Float64Array(SOUND.spectrum);
  fourier(real, imaginary);
  return Float64Array.from({ length: SOUND.spectrum / 2 + 1 }, (_, i) => real[i] ** 2 + imaginary[i] ** 2);
}

const melOf = (hertz) => 1127 * Math.log1p(hertz / 700);

// Triangular bands that lie equally wide on the mel scale: for each, the weight of each frequency.
const melBands = Array.from({ length: SOUND.bands }, (_, band) => {
  const [low, high] = [melOf(SOUND.lowest), melOf(SOUND.rate / 2)];
  const edge = (i) => low + ((high - low) * i) / (SOUND.bands + 1);
  return Float64Array.from({ length: SOUND.spectrum / 2 + 1 }, (__, i) => {
    const at = melOf((i * SOUND.rate) / SOUND.spectrum);
    const rising = (at - edge(band)) / (edge(band + 1) - edge(band));
    return Math.max(0, Math.min(rising, (edge(band + 2) - at) / (edge(band + 2) - edge(band + 1))));
  });
});

// Log-energies of the bands, a row for each window.
function logBands(samples) {
  const windows = Math.max(1, Math.floor((samples.length - SOUND.spectrum) / SOUND.hop) + 1);
  const rows = Array.from({ length: windows }, (_, t) => {
    const power = powerAt(samples, t * SOUND.hop);
    return melBands.map((weights) => weights.reduce((sum, weight, i) => sum + weight * power[i], 0));
  });
  const loudest = Math.max(...rows.map((row) => Math.max(...row)));
  return rows.map((row) => Float64Array.from(row, (energy) => Math.log(energy + SOUND_FLOOR * loudest + 1e-10)));
}

// The first coefficients of the cosine transform of a row.
function cepstrum(row) {
  return Float64Array.from({ length: SOUND.coefficients }, (_, order) => {
    const scale = Math.sqrt((order === 0 ? 1 : 2) / SOUND.bands);
    return scale * row.reduce((sum, value, band) => sum + value * Math.cos((Math.PI * order * (band + 0.5)) / SOUND.bands), 0);
  });
}

// Each column's mean taken away, and all divided by one deviation.
function normalisedRows(rows) {
  const means = rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
  const centred = rows.map((row) => row.map((value, i) => value - means[i]));
  const squares = centred.reduce((sum, row) => sum + row.reduce((a, value) => a + value ** 2, 0), 0);
  const deviation = Math.max(1e-3, Math.sqrt(squares / (rows.length * rows[0].length)));
  return centred.map((row) => Float32Array.from(row, (value) => value / deviation));
}

// What a network reads of a sound: `kind` is "mel" or "mfcc".
function soundRows(samples, kind) {
  const bands = logBands(samples);
  return normalisedRows(kind === "mel" ? bands : bands.map(cepstrum));
}
