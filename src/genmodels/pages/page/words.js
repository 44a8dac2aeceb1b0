// The list of words at the page's end: it keeps those that the page uses, and each section links the first of each.
"use strict";

// Where a word may become a link: sentences that stand still, and the titles of curves.
const WORDY = "p, figcaption, dt, dd, td, th, caption, [id^=chart-] > h3";
const NOT_WORDY = "a, button, label, output, pre, code, summary, dialog, [aria-live], [role=status], .written, .bars, #words";

// What uses no word, though it holds letters: names of settings, commands, and what a network or an author wrote.
const UNSAID = "code, pre, noscript, textarea, .written, .written-passage, .passage, .back, .bars";

function textsOf(section, fits) {
  const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    if (fits(walker.currentNode.parentElement)) found.push(walker.currentNode);
  }
  return found;
}

const wordyTexts = (section) => textsOf(section, (one) => one.closest(WORDY) && !one.closest(NOT_WORDY));
const saidIn = (section) => textsOf(section, (one) => !one.closest(UNSAID)).map((text) => text.data).join(" ");

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
  const said = sections.map(saidIn).join(" ");
  for (const meaning of document.querySelectorAll("#words [data-pattern]")) {
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${meaning.dataset.pattern})(?![\\p{L}\\p{N}])`, "iu");
    if (!pattern.test(said)) meaning.remove();
    else sections.forEach((section) => linkWord(section, { id: meaning.id, pattern }));
  }
}
