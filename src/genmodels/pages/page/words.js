// The list of words at the page's end: it keeps those that the page uses, and each section links the first of each.
"use strict";

// Where a word may become a link: sentences that stand still, and the titles of curves.
const WORDY = "p, figcaption, dt, dd, td, th, caption, [id^=chart-] > h3";
const NOT_WORDY = "a, button, label, output, pre, code, summary, dialog, [aria-live], [role=status], .written, .bars, #words";

function wordyTexts(section) {
  const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { parentElement } = walker.currentNode;
    if (parentElement.closest(WORDY) && !parentElement.closest(NOT_WORDY)) found.push(walker.currentNode);
  }
  return found;
}

// Makes the first place of a section where a word stands a link to what it means.
function linkWord(section, { id, pattern }) {
  for (const text of wordyTexts(section)) {
    const at = pattern.exec(text.data);
    if (!at) continue;
    const word = text.splitText(at.index);
    word.splitText(at[0].length);
    const link = make("a", { class: "word", href: `#${id}` });
    word.replaceWith(link);
    link.append(word);
    return;
  }
}

function linkWords() {
  const sections = [...document.querySelectorAll("header, main > section")].filter((one) => one.id !== "words");
  const said = sections.map((one) => one.textContent).join(" ");
  for (const meaning of document.querySelectorAll("#words [data-pattern]")) {
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${meaning.dataset.pattern})(?![\\p{L}\\p{N}])`, "iu");
    if (!pattern.test(said)) meaning.remove();
    else sections.forEach((section) => linkWord(section, { id: meaning.id, pattern }));
  }
}
