// What happens when the page is opened: its data are read, the charts drawn, and each section that lives is started.
"use strict";

const page = JSON.parse(document.getElementById("data").textContent);

// A network's weights are decoded when they are first asked for, and kept.
function withWeights(network) {
  let weights = null;
  return { ...network, weights: () => (weights ??= layers.decodeAll(network.arrays)) };
}

// As wide as there is room, so that its letters are as large as all others; anew where the room changes.
function drawCharts() {
  page.charts.forEach((chart, index) => drawChart(document.getElementById(`chart-${index}`), chart,
    index === 0 ? "Tap a curve, or drag along it, and its values stand below it." : ""));
}

function start() {
  drawCharts();
  document.querySelectorAll("article img").forEach(makeLarger);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) drawCharts();
    width = innerWidth;
  });
  page.alive.forEach((alive, index) => {
    alive.networks = alive.networks.map(withWeights);
    const root = document.getElementById(`alive-${index}`);
    setTimeout(() => {
      parts[alive.part].start(root, alive); // after the first screen is drawn
      root.dataset.started = "";
    });
  });
  setTimeout(linkWords); // after the sections, which say words too
}

start();
