import { FarcallError } from '../../../shared/errors/index.ts';

/** The largest `--limit` of a list. */
const LIST_LIMIT = 500;

/** `--limit` of a list as a number from 1 to 500. Throws CONFIG_INVALID. */
export function parseLimit(text: string): number {
  return parseNumber('--limit', text, { least: 1, most: LIST_LIMIT });
}

/** A whole number in decimal digits, from `least` to `most`. Throws CONFIG_INVALID, and names the option. */
export function parseNumber(
  option: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new FarcallError('CONFIG_INVALID', `${option}: '${text}' is not a number from ${least} to ${most}`);
}

/**
 * The argument ID of a request, or the beginning of one, if it has that form: 4 to 32 of a-z and 0-9.
 * Capitals count as small letters. Throws CONFIG_INVALID.
 */
export function parseRequestId(text: string): string {
  const id = text.toLowerCase();
  if (/^[a-z0-9]{4,32}$/.test(id)) return id;
  throw new FarcallError(
    'CONFIG_INVALID',
    `'${text}' is not a request id, which is 4 to 32 of a-z and 0-9, or its first letters; farcall requests lists them`,
  );
}
