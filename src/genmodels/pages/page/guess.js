// Which is real? Eight pictures or passages, half of them the network's own.
"use strict";

const GUESSED_OF_EACH = 4;

// What can be guessed at: what the data hold of it, how one is shown, and what a reader of screens calls it.
const GUESSED = {
  picture: {
    things: (data, held) => picturesOf(held, data.shape),
    show(values, data) {
      const canvas = pictureCanvas(data.shape, "", { "aria-hidden": "true" });
      paintPicture(canvas, values, data.ink);
      return canvas;
    },
    made: "drawn",
  },
  passage: {
    things: (data, held) => held,
    show: (text) => make("span", { class: "written-passage" }, visible(text)),
    made: "written",
  },
};

// The same things in another order, drawn by `random` (Fisher and Yates).
function shuffled(things, random) {
  const order = [...things];
  for (let i = order.length - 1; i > 0; i -= 1) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}

// Deals rounds: so many of each kind, in an order that tells nothing, and none again before all were dealt.
function guessDealer(data, random) {
  const piles = { real: [], drawn: [] };
  const deal = (kind) => {
    if (piles[kind].length < GUESSED_OF_EACH) piles[kind] = shuffled(GUESSED[data.kind].things(data, data[kind]), random);
    return piles[kind].splice(0, GUESSED_OF_EACH).map((thing) => ({ thing, real: kind === "real" }));
  };
  return () => shuffled([...deal("real"), ...deal("drawn")], random);
}

const guessRound = (data, random) => guessDealer(data, random)();

// A picture or a passage as a button that is pressed when it is taken for real.
function guessChoice(one, index, data, heed) {
  const { show, made } = GUESSED[data.kind];
  const called = `${data.kind} ${index + 1}`;
  const spoken = (told) => `${called}: ${told}${data.kind === "passage" ? `. ${visible(one.thing)}` : ""}`;
  const isChosen = () => choice.getAttribute("aria-pressed") === "true";
  const verdict = make("span", { class: "verdict" }, " ");
  const choice = button("", () => {
    choice.setAttribute("aria-pressed", String(!isChosen()));
    heed();
  }, { class: "choice", "aria-pressed": "false", "aria-label": spoken("take it for real") });
  choice.append(show(one.thing, data), verdict);
  return {
    element: choice, isChosen,
    // Whether it was taken for what it is; says so, and can no longer be pressed.
    judge() {
      const right = isChosen() === one.real;
      verdict.textContent = `${right ? "✓" : "✗"} ${one.real ? "real" : made}`;
      choice.setAttribute("aria-label", spoken(`${one.real ? "real" : made}, you were ${right ? "right" : "wrong"}`));
      choice.classList.add(right ? "right" : "wrong");
      choice.disabled = true;
      return right;
    },
  };
}

// How many are chosen of those that are real, and that more are than can be.
function chosenTold(count) {
  if (count === 0) return "";
  const less = count > GUESSED_OF_EACH ? `, of which ${count - GUESSED_OF_EACH} at least can’t be real` : "";
  return `${count} chosen${less}; ${GUESSED_OF_EACH} are real.`;
}

function startGuess(root, alive) {
  // Another order each time the page is opened: else its answers could be told from one reader to the next.
  const dealt = guessDealer(alive.data, randomNumbers(Math.floor(2 ** 32 * Math.random())));
  const table = make("div", {
    class: `choices eight ${alive.data.kind}s`, role: "group", "aria-label": `eight ${alive.data.kind}s, to be taken for real or not`,
  });
  const score = make("p", { class: "score", role: "status" });
  let choices = [], right = 0, judged = 0;
  const check = button("Check", () => {
    if (check.disabled) return;
    const found = choices.map((one) => one.judge()).filter(Boolean).length;
    [right, judged, check.disabled] = [right + found, judged + choices.length, true];
    const all = judged > choices.length ? ` ${right} of ${judged} in all.` : "";
    score.textContent = `${found} of ${choices.length} right.${all} Whoever guesses blindly is right in half of them.`;
  }, { class: "main" });
  const heed = () => { score.textContent = chosenTold(choices.filter((one) => one.isChosen()).length); };
  function begin() {
    choices = dealt().map((one, index) => guessChoice(one, index, alive.data, heed));
    table.replaceChildren(...choices.map((one) => one.element));
    score.textContent = "";
    check.disabled = false;
  }
  function again() {
    begin();
    choices[0].element.focus({ preventScroll: true });
    root.parentElement.scrollIntoView({ block: "start" });
  }
  begin();
  root.append(table, make("div", { class: "bar-below" },
    make("div", { class: "buttons" }, check, button("Another eight", again)), score));
}

parts.guess = { start: startGuess, round: guessRound };
