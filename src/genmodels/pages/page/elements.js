// What all sections share: elements, visible text, numbers, and the table in which each section registers itself.
"use strict";

// A file such as text.js adds: parts.NAME = (root, alive) => { fills the element root }.
const parts = {};

// make("p", { class: "note" }, "text", element): attributes, then children; a function is an event's listener.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children); // strings become text, never HTML
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

function makeSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Control and bidirectional characters become escapes that can be seen, as on the program's terminal.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

function visible(text) {
  return text.replace(HIDDEN, (character) => {
    if (character === "\n" || character === "\t") return character;
    const code = character.codePointAt(0);
    if (code < 256) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code < 65536 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  });
}

// One letter by itself: blanks get a sign.
function letterSign(letter) {
  return { " ": "␣", "\n": "↵", "\t": "⇥" }[letter] ?? visible(letter);
}

const percent = (share) => (share >= 0.0995 ? `${Math.round(100 * share)} %` : `${(100 * share).toFixed(1)} %`);

// Four digits that count.
const short = (value) => (value === null ? "–" : String(Number(value.toPrecision(4))));

const prefersStillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// A label around an input, a select or whatever is labelled.
function labelled(text, control, ...more) {
  return make("label", { class: "control" }, make("span", {}, text), control, ...more);
}

// What the keyboard can do: hidden where there is none, but for whoever listens to the page.
const keyHint = (text) => make("span", { class: "keys" }, text);

function button(text, onClick, attributes = {}) {
  return make("button", { type: "button", click: onClick, ...attributes }, text);
}

// Bars of [name, share], the longest first as they come.
function fillBars(list, bars) {
  list.replaceChildren(...bars.map(([name, share]) => {
    const bar = make("span", { class: "bar" });
    bar.style.inlineSize = `${Math.max(0.5, 100 * share)}%`;
    return make("li", {}, make("b", {}, name), make("span", { class: "track" }, bar), make("i", {}, percent(share)));
  }));
}
