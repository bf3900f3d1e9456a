import type { Cursor } from './cursor.ts';
import type { ParameterBounds, ParameterName, ParameterStatement } from './parameter-statement.ts';
import type { Parser } from './parser.ts';

const KINDS = ['int', 'string', 'enum', 'symbol'] as const;

/** A list that people read before they sign. */
const NAMES_LIMIT = 64;

/** Longest text that a parameter may be, in bytes: a path. */
const TEXT_LIMIT_BYTES = 4095n;

/** Greatest absolute value: negated, each of them still is one of `long`. */
const NUMBER_LIMIT = (1n << 63n) - 1n;

/** Whether a declaration of a parameter comes next; elsewhere `parameter` is a name like any other. */
export function startsParameter({ cursor }: Parser): boolean {
  return cursor.seesIdentifier('parameter') && KINDS.some(kind => cursor.seesIdentifier(kind, 1));
}

/**
 * `parameter int PID in 2..4194304 = 1;`, `parameter string COMM in 1..15 matches "nfsd*";`,
 * `parameter enum FAMILY in AF_INET, AF_INET6;` and `parameter symbol LOCK in rtnl_mutex, net_mutex;`.
 */
export function parseParameter(parser: Parser): ParameterStatement {
  const { cursor } = parser;
  const start = cursor.next();
  if (!parser.isOutermost)
    throw cursor.error(start.at, 'parameters are declared at the top of a program, outside of all blocks');
  const kind = KINDS.find(each => cursor.takesIdentifier(each))!;
  const { name, at } = cursor.identifier('the name of a parameter');
  if (!cursor.takesIdentifier('in')) throw cursor.unexpected(`'in' and what ${name} may be`);
  const bounds = parseBounds(cursor, kind);
  const preset = cursor.takes('=') ? parsePreset(cursor, kind) : undefined;
  cursor.expect(';', 'after the parameter');
  parser.declare(name);
  return { kind: 'parameter', name, bounds, preset, at };
}

function parseBounds(cursor: Cursor, kind: ParameterBounds['kind']): ParameterBounds {
  if (kind === 'enum' || kind === 'symbol') return { kind, names: parseNames(cursor) };
  const { at } = cursor.peek();
  const least = parseNumber(cursor);
  cursor.expect('..', 'between the least and the most value');
  const most = parseNumber(cursor);
  if (least > most) throw cursor.error(at, `nothing is in ${least}..${most}`);
  if (kind === 'int') return { kind, least, most };
  if (least < 0n || most > TEXT_LIMIT_BYTES)
    throw cursor.error(at, `the bounds of a text are those of its bytes, within 0..${TEXT_LIMIT_BYTES}`);
  const pattern = cursor.takesIdentifier('matches') ? parseText(cursor) : undefined;
  return { kind, least, most, pattern };
}

function parseNames(cursor: Cursor): ParameterName[] {
  const names: ParameterName[] = [];
  do {
    const { name, at } = cursor.identifier('a name that the parameter may stand for');
    if (names.some(each => each.name === name)) throw cursor.error(at, `'${name}' is there twice`);
    if (names.length >= NAMES_LIMIT)
      throw cursor.error(at, `a parameter may stand for at most ${NAMES_LIMIT} names`);
    names.push({ name, at });
  } while (cursor.takes(','));
  return names;
}

function parsePreset(cursor: Cursor, kind: ParameterBounds['kind']): string {
  if (kind === 'int') return String(parseNumber(cursor));
  return kind === 'string' ? parseText(cursor) : cursor.identifier('one of the names').name;
}

function parseNumber(cursor: Cursor): bigint {
  const isNegative = cursor.takes('-');
  const token = cursor.peek();
  if (token.kind !== 'integer') throw cursor.unexpected('a whole number');
  if (token.value > NUMBER_LIMIT)
    throw cursor.error(token.at, `numbers of parameters are within -${NUMBER_LIMIT}..${NUMBER_LIMIT}`);
  cursor.next();
  return isNegative ? -token.value : token.value;
}

function parseText(cursor: Cursor): string {
  const token = cursor.peek();
  if (token.kind !== 'string') throw cursor.unexpected('a string literal');
  cursor.next();
  const text = Buffer.from(token.bytes).toString('utf8');
  if (!Buffer.from(text).equals(token.bytes)) throw cursor.error(token.at, 'this text is not UTF-8');
  return text;
}
