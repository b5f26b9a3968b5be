// The server's clock. Ages are told by it, so a wrong clock on the reader's machine does not matter. Between
// answers it runs on Date.now(), which unlike performance.now() goes on while a laptop sleeps; every answer
// sets it again.

let ahead = 0;

/** Takes the Date of an answer, in Unix seconds. It is cut to whole seconds: half of one is the best guess. */
export function setServerTime(date: number | null): void {
  if (date !== null) ahead = date + 0.5 - Date.now() / 1000;
}

/** Unix seconds by the server's clock. */
export function now(): number {
  return Date.now() / 1000 + ahead;
}

/** Calls [tick] now and at every full second. */
export function everySecond(tick: () => void): void {
  tick();
  window.setTimeout(() => everySecond(tick), 1000 - ((now() * 1000) % 1000));
}
