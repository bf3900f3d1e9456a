import type { Expression, Statement, WatchMoment, WatchStatement } from './ast.ts';
import type { Parser } from './parser.ts';

/**
 * `watch (tcp_retransmit_skb, sk, skb) for_ms (30000) until (1) at_most (1000)
 * statement`: the names are those of parameters in the body; `until` and `at_most` may be left out, and stand
 * in either order.
 * `watch_return (vfs_fsync_range, ret) …` has one name at most.
 */
export function parseWatch(
  parser: Parser,
  moment: WatchMoment,
  parseBody: (parser: Parser) => Statement,
): WatchStatement {
  const word = moment === 'entry' ? 'watch' : 'watch_return';
  const { at } = parser.cursor.next();
  return parseRest(parser, { word, moment, at }, parseBody);
}

interface Begun {
  readonly word: string;
  readonly moment: WatchMoment;
  readonly at: number;
}

function parseRest(
  parser: Parser,
  { word, moment, at }: Begun,
  parseBody: (parser: Parser) => Statement,
): WatchStatement {
  const { cursor } = parser;
  cursor.expect('(', `after ${word}`);
  const { watched, clone, offset } = parsePlace(parser, word);
  const params: { name: string; at: number }[] = [];
  while (cursor.takes(',')) params.push(cursor.identifier(NAMED[moment]));
  cursor.expect(')', `after the names of ${word}`);
  const forMs = parseClause(parser, 'for_ms');
  if (!forMs) throw cursor.unexpected(`'for_ms (milliseconds)' after ${word} (…): each watch has an end`);
  const early = parseClause(parser, 'at_most');
  const until = parseClause(parser, 'until');
  const atMost = early ?? parseClause(parser, 'at_most');
  return parser.scoped(() => {
    for (const { name } of params) parser.declare(name);
    return {
      kind: 'watch',
      moment,
      watched,
      clone,
      offset,
      params,
      forMs,
      until,
      atMost,
      body: parseBody(parser),
      at,
    };
  });
}

interface Place extends Pick<WatchStatement, 'clone' | 'offset'> {
  readonly watched: Identifier;
}

/** `tcp_v4_rcv`, `tcp_v4_rcv + 0x24` for a place in it, or `"nfs_foo.isra.0"` for a clone. */
function parsePlace(parser: Parser, word: string): Place {
  const place = parser.assignment();
  if (place.kind === 'identifier') return { watched: place, offset: undefined };
  if (place.kind === 'binary' && place.operator === '+' && place.left.kind === 'identifier')
    return { watched: place.left, offset: place.right };
  if (place.kind === 'string') {
    const clone = Buffer.from(place.bytes).toString('latin1').replace(/\0$/, '');
    const [, name] = /^([A-Za-z_]\w*)(?:\.[a-z0-9_]+)+$/.exec(clone) ?? [];
    if (name === undefined)
      throw parser.cursor.error(place.at, `'${clone}' is no clone of a function, such as "nfs_foo.isra.0"`);
    const watched: Identifier = { kind: 'identifier', name, module: undefined, at: place.at };
    return { watched, clone, offset: undefined };
  }
  throw parser.cursor.error(place.at, `${word} takes the name of a function of the kernel`);
}

type Identifier = Extract<Expression, { kind: 'identifier' }>;

/** Watches that wait together at most: each costs at every entry of its function. */
const WATCHES_LIMIT = 16;

/**
 * `watch_any { watch (…) … watch_return (…) … }`, and `watch_all`: several watches that wait together.
 * `watch_any (nfs_foo) …` is a watch of a function and all of its clones.
 */
export function parseWatchGroup(
  parser: Parser,
  ends: 'any' | 'all',
  parseBody: (parser: Parser) => Statement,
): Extract<Statement, { kind: 'watch-group' | 'watch-clones' }> {
  const { cursor } = parser;
  const word = `watch_${ends}`;
  const { at } = cursor.next();
  if (ends === 'any' && cursor.sees('('))
    return { kind: 'watch-clones', watch: parseRest(parser, { word, moment: 'entry', at }, parseBody), at };
  cursor.expect('{', `after ${word}`);
  const watches: WatchStatement[] = [];
  while (!cursor.takes('}')) {
    if (cursor.takes(';')) continue;
    const isReturn = cursor.seesIdentifier('watch_return');
    if (!isReturn && !cursor.seesIdentifier('watch'))
      throw cursor.unexpected(`watch (…) or watch_return (…): ${word} holds nothing else`);
    watches.push(parseWatch(parser, isReturn ? 'return' : 'entry', parseBody));
  }
  if (watches.length === 0) throw cursor.error(at, `${word} has no watch`);
  if (watches.length > WATCHES_LIMIT)
    throw cursor.error(at, `${word} has ${watches.length} watches; the limit is ${WATCHES_LIMIT}`);
  return { kind: 'watch-group', ends, watches, at };
}

const NAMED: Readonly<Record<WatchMoment, string>> = {
  entry: 'a name for a parameter',
  return: 'a name for what the function returns',
};

function parseClause(parser: Parser, word: string): Expression | undefined {
  const { cursor } = parser;
  if (!cursor.takesIdentifier(word)) return undefined;
  cursor.expect('(', `after ${word}`);
  const value = parser.conditional();
  cursor.expect(')', `after the number of ${word}`);
  return value;
}
