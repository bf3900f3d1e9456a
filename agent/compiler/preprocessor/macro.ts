import { isPunctuator, type PpToken } from './pp-token.ts';
import { isReservedName } from './reserved-names.ts';
import { type Offset, programError, type Source } from './source.ts';

/** One `#define` (C11 6.10.3). */
export interface Macro {
  readonly name: string;
  /** Undefined where no parenthesis follows the name. */
  readonly params: readonly string[] | undefined;
  /** Whether the last parameter takes all arguments that are left. */
  readonly variadic: boolean;
  readonly body: readonly PpToken[];
  /** From its `#` to the end of its line. */
  readonly source: string;
}

/** More parameters than this has no macro. */
const PARAMETER_LIMIT = 64;

/**
 * Words of parameters, watches and denies, which may be names elsewhere: a macro would change what they say.
 */
const STATEMENT_WORDS = new Set([
  ...['parameter', 'in', 'matches', 'string', 'symbol', 'until', 'at_most'],
  ...['for_ms', 'for_seconds', 'for_minutes', 'for_hours', 'for_days'],
]);

/** What `...` is called in the body. */
const VA_ARGS = '__VA_ARGS__';

/**
 * The macro that stands behind `#define`; `text` is the whole directive. Throws PROGRAM_SYNTAX with the
 * location.
 */
export function parseMacro(source: Source, at: Offset, line: readonly PpToken[], text: string): Macro {
  const fail = (token: PpToken | undefined, message: string): Error =>
    programError('PROGRAM_SYNTAX', source, token?.at ?? at, message);
  const name = line[0];
  if (name?.kind !== 'identifier') throw fail(name, 'expected the name of a macro after #define');
  if (isReservedName(name.text) || STATEMENT_WORDS.has(name.text)) {
    const message = `'${name.text}' belongs to the language, and #define cannot give it another meaning`;
    throw fail(name, message);
  }
  const open = line[1];
  if (open && !open.spaced && !isPunctuator(open, '(')) throw fail(open, 'write a blank behind the name');
  const shared = { name: name.text, source: text };
  if (!isPunctuator(open, '(') || open!.spaced)
    return { ...shared, params: undefined, variadic: false, body: checkedBody(line.slice(1), [], fail) };
  const { params, variadic, next } = parseParameters(line, fail);
  return { ...shared, params, variadic, body: checkedBody(line.slice(next), params, fail, true) };
}

type Fail = (token: PpToken | undefined, message: string) => Error;

interface Parameters {
  readonly params: readonly string[];
  readonly variadic: boolean;
  /** Number of the token behind the parenthesis. */
  readonly next: number;
}

/** `(a, b, ...)`, and GNU's `(a, rest...)`. */
function parseParameters(line: readonly PpToken[], fail: Fail): Parameters {
  const params: string[] = [];
  let at = 2;
  if (isPunctuator(line[at], ')')) return { params, variadic: false, next: at + 1 };
  for (;;) {
    const token = line[at];
    const isUnnamed = isPunctuator(token, '...');
    if (token?.kind !== 'identifier' && !isUnnamed) throw fail(token, 'expected the name of a parameter');
    const param = isUnnamed ? VA_ARGS : token!.text;
    if (params.includes(param) || (!isUnnamed && (param === VA_ARGS || param === '__VA_OPT__')))
      throw fail(token, `a parameter cannot be called '${param}' here`);
    if (params.length === PARAMETER_LIMIT) throw fail(token, `more than ${PARAMETER_LIMIT} parameters`);
    params.push(param);
    const variadic = isUnnamed || isPunctuator(line[at + 1], '...');
    at += !isUnnamed && variadic ? 2 : 1;
    if (isPunctuator(line[at], ')')) return { params, variadic, next: at + 1 };
    if (variadic || !isPunctuator(line[at], ',')) throw fail(line[at] ?? token, "expected ')' here");
    at++;
  }
}

/** C11 6.10.3.2, 1 and 6.10.3.3, 1: where `#` and `##` may stand. */
function checkedBody(
  body: readonly PpToken[],
  params: readonly string[],
  fail: Fail,
  hasParams = false,
): readonly PpToken[] {
  for (const [index, token] of body.entries()) {
    const next = body[index + 1];
    if (isPunctuator(token, '##') && (index === 0 || !next))
      throw fail(token, "'##' joins two tokens, so it cannot be at an end of a macro");
    const isParam = next && (params.includes(next.text) || next.text === '__VA_OPT__');
    if (hasParams && isPunctuator(token, '#') && !isParam)
      throw fail(token, "'#' must stand before a parameter of the macro");
    if (token.text === VA_ARGS && !params.includes(VA_ARGS))
      throw fail(token, `'${VA_ARGS}' needs a macro that ends its parameters with '...'`);
  }
  return body;
}

/** What the arguments of such a call may have beside parameters: nothing that calls, writes or ends. */
const PLAIN = new Set('( ) , + - * / % & | ^ ~ ! < > <= >= == != && || ? : . -> [ ]'.split(' '));
const PLAIN_NAMES = new Set(['NULL', 'true', 'false']);

/**
 * Whether a macro stands for one call of the function whose name it has, and for nothing else:
 * `#define thaw_super(sb, who) thaw_super(sb)`. Its arguments are made of its parameters and of constants,
 * since any other name could be a macro.
 */
export function callsItself({ name, params = [], body }: Macro): boolean {
  if (body[0]?.text !== name || !isPunctuator(body[1], '(') || params.includes(name)) return false;
  let depth = 0;
  for (const [index, token] of body.entries()) {
    if (index === 0) continue;
    const opens = isPunctuator(token, '(');
    if (opens && index > 1 && isCalled(body[index - 1])) return false;
    if (token.kind === 'identifier' && !params.includes(token.text) && !PLAIN_NAMES.has(token.text))
      return false;
    if (token.kind === 'punctuator' && !PLAIN.has(token.text)) return false;
    depth += opens ? 1 : isPunctuator(token, ')') ? -1 : 0;
    if (depth === 0 && index < body.length - 1) return false;
  }
  return depth === 0;
}

/** Whether a parenthesis behind `token` calls something. */
function isCalled(token: PpToken | undefined): boolean {
  return token?.kind === 'identifier' || isPunctuator(token, ')') || isPunctuator(token, ']');
}

/** Whether two definitions are the same, blanks included (C11 6.10.3, 2). */
export function isSameMacro(one: Macro, other: Macro): boolean {
  const spelled = ({ params, variadic, body }: Macro): string =>
    JSON.stringify([params, variadic, body.map(({ text, spaced }, index) => [text, spaced && index > 0])]);
  return spelled(one) === spelled(other);
}
