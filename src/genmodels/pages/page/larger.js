// A figure made larger: a tap on it opens it where it can be scrolled, on a phone as large as its letters need.
"use strict";

// The one dialog of the page, made when it is first needed.
let largerDialog = null;

function makeDialog() {
  const title = make("p", { class: "small" });
  const picture = make("img", { alt: "" });
  const close = button("Close", () => dialog.close());
  const room = make("div", { class: "room", tabindex: "0", role: "region", "aria-label": "the figure, to be scrolled" }, picture);
  const dialog = make("dialog", { class: "larger", click: (event) => { if (event.target !== close) dialog.close(); } },
    make("div", { class: "larger-head" }, title, close), room);
  document.body.append(dialog);
  return {
    show(image) {
      [title.textContent, picture.alt, picture.src] = [image.alt, image.alt, image.src];
      dialog.setAttribute("aria-label", image.alt);
      dialog.showModal();
      room.scrollTo(0, 0);
    },
  };
}

// Makes a picture of the page one that can be tapped, or opened by Enter.
function makeLarger(image) {
  const opener = button("", () => {
    largerDialog ??= makeDialog();
    largerDialog.show(image);
  }, { class: "enlarge", "aria-label": `${image.alt}: show it larger` });
  image.replaceWith(opener);
  opener.append(image, make("span", { class: "small", "aria-hidden": "true" }, "tap to enlarge"));
}
