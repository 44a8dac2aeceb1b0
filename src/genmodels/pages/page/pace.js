// Letters or pixels, one after the other at a pace that can be followed.
"use strict";

const MOST_IN_A_FRAME = 100;

// Calls step(count) in every frame, pace() times a second, until it is stopped or `most` are done; step gives how many
// it did, and stop is called at the end.
function atPace(pace, isRunning, step, stop, most) {
  let last = performance.now();
  let owed = 1; // steps, which may be less than one
  let all = 0;
  requestAnimationFrame(function frame(now) {
    if (!isRunning()) return;
    owed = pace() === Infinity ? Infinity : owed + (pace() * Math.max(0, now - last)) / 1000;
    last = now;
    const steps = Math.min(Math.floor(owed), most - all, MOST_IN_A_FRAME);
    const done = steps > 0 ? step(steps) : 0;
    all += done;
    owed = Math.min(owed - done, MOST_IN_A_FRAME); // what can't be done in time is forgotten
    if (all >= most) stop();
    else requestAnimationFrame(frame);
  });
}
