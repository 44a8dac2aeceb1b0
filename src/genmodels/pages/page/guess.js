// Which is real? Eight pictures, half of them the network's own.
"use strict";

const GUESSED_OF_EACH = 4;

// The same things in another order, drawn by `random` (Fisher and Yates).
function shuffled(things, random) {
  const order = [...things];
  for (let i = order.length - 1; i > 0; i -= 1) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}

// A round: so many of each kind, in an order that tells nothing.
function guessRound(data, random) {
  const some = (base64, real) =>
    shuffled(picturesOf(base64, data.shape), random).slice(0, GUESSED_OF_EACH).map((values) => ({ values, real }));
  return shuffled([...some(data.real, true), ...some(data.drawn, false)], random);
}

// A picture as a button that is pressed when it is taken for real.
function guessChoice(one, index, data) {
  const canvas = pictureCanvas(data.shape, "", { "aria-hidden": "true" });
  paintPicture(canvas, one.values, data.ink);
  const verdict = make("span", { class: "verdict" }, " ");
  const choice = button("", () => {
    choice.setAttribute("aria-pressed", String(choice.getAttribute("aria-pressed") !== "true"));
  }, { class: "choice", "aria-pressed": "false", "aria-label": `picture ${index + 1}: take it for real` });
  choice.append(canvas, verdict);
  return {
    element: choice,
    // Whether it was taken for what it is; says so, and can no longer be pressed.
    judge() {
      const right = (choice.getAttribute("aria-pressed") === "true") === one.real;
      verdict.textContent = `${right ? "✓" : "✗"} ${one.real ? "real" : "drawn"}`;
      choice.setAttribute("aria-label", `picture ${index + 1}: ${one.real ? "real" : "drawn"}, you were ${right ? "right" : "wrong"}`);
      choice.classList.add(right ? "right" : "wrong");
      choice.disabled = true;
      return right;
    },
  };
}

function startGuess(root, alive) {
  const random = randomNumbers(1);
  const table = make("div", { class: "choices eight", role: "group", "aria-label": "eight pictures, to be taken for real or not" });
  const score = make("p", { class: "score", role: "status" });
  let choices = [], right = 0, judged = 0;
  const check = button("Check", () => {
    if (check.disabled) return;
    const found = choices.map((one) => one.judge()).filter(Boolean).length;
    [right, judged, check.disabled] = [right + found, judged + choices.length, true];
    const all = judged > choices.length ? ` ${right} of ${judged} in all.` : "";
    score.textContent = `${found} of ${choices.length} right.${all} Whoever guesses blindly is right in half of them.`;
  }, { class: "main" });
  function begin() {
    choices = guessRound(alive.data, random).map((one, index) => guessChoice(one, index, alive.data));
    table.replaceChildren(...choices.map((one) => one.element));
    score.textContent = "";
    check.disabled = false;
  }
  begin();
  root.append(table, make("div", { class: "buttons" }, check, button("Another eight", begin)), score);
}

parts.guess = { start: startGuess, round: guessRound };
