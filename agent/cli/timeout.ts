/** The value of `--timeout` in milliseconds. Throws an Error that says which values it takes. */
export function timeoutMsOf(text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 3600) return Math.ceil(seconds * 1000);
  throw new Error(`--timeout takes seconds, more than 0 and at most 3600, not '${text}'`);
}
