// The node's boot clock, carried on by this browser's monotonic clock: the only clock that times are taken by.

let skew = 0;

/** @param boottimeNs what the node's clock showed just now, in nanoseconds */
export function setNodeClock(boottimeNs) {
  skew = boottimeNs / 1e6 - performance.now();
}

/** The node's boot clock, in milliseconds. */
export function nodeNow() {
  return performance.now() + skew;
}
