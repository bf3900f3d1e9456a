import { type KernelLog, openKernelLog } from '../kernel/index.ts';

/** The kernel log, or undefined if this process may not read it: calls work without. */
export function openKernelLogIfAllowed(): KernelLog | undefined {
  try {
    return openKernelLog();
  } catch {
    return undefined;
  }
}

/** The lines that were logged since the last call, made safe for a terminal. */
export function newLogLines(log: KernelLog): string[] {
  const { records, lost } = log.readNew();
  const lines = records.flatMap(({ text }) => text.split('\n')).map(printable);
  return lost ? [...lines, '(some records were overwritten before they could be read)'] : lines;
}

/** Threat: a log line with escape sequences would act on the terminal of the person who reads the result. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '.');
}
