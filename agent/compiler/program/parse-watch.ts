import type { Expression, Statement, WatchMoment, WatchStatement } from './ast.ts';
import type { Parser } from './parser.ts';

/**
 * `watch (tcp_retransmit_skb, sk, skb) for_ms (30000) until (1) at_most (1000)
 * statement`: the names are those of parameters in the body; `until` and `at_most` may be left out.
 * `watch_return (vfs_fsync_range, ret) …` has one name at most.
 */
export function parseWatch(
  parser: Parser,
  moment: WatchMoment,
  parseBody: (parser: Parser) => Statement,
): WatchStatement {
  const { cursor } = parser;
  const word = moment === 'entry' ? 'watch' : 'watch_return';
  const { at } = cursor.next();
  cursor.expect('(', `after ${word}`);
  const watched = parser.assignment();
  if (watched.kind !== 'identifier')
    throw cursor.error(watched.at, `${word} takes the name of a function of the kernel`);
  const params: { name: string; at: number }[] = [];
  while (cursor.takes(',')) params.push(cursor.identifier(NAMED[moment]));
  cursor.expect(')', `after the names of ${word}`);
  const forMs = parseClause(parser, 'for_ms');
  if (!forMs) throw cursor.unexpected(`'for_ms (milliseconds)' after ${word} (…): each watch has an end`);
  const until = parseClause(parser, 'until');
  const atMost = parseClause(parser, 'at_most');
  return parser.scoped(() => {
    for (const { name } of params) parser.declare(name);
    return { kind: 'watch', moment, watched, params, forMs, until, atMost, body: parseBody(parser), at };
  });
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
