import { FUEL_LIMIT } from '../../shared/messages/index.ts';

/** The value of `--fuel`, in turns of loops. Throws an Error that says which values it takes. */
export function fuelOf(text: string): number {
  const turns = Number(text.replaceAll(/[,_]/g, ''));
  if (Number.isInteger(turns) && turns > 0 && turns <= FUEL_LIMIT) return turns;
  throw new Error(`--fuel takes a number of turns, 1 to ${FUEL_LIMIT}, not '${text}'`);
}

/** The value of `--timeout` in milliseconds. Throws an Error that says which values it takes. */
export function timeoutMsOf(text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 3600) return Math.ceil(seconds * 1000);
  throw new Error(`--timeout takes seconds, more than 0 and at most 3600, not '${text}'`);
}
