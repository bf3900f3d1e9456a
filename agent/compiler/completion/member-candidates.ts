import { FarcallError } from '../../../shared/errors/index.ts';
import { checkOperand, typeOfName } from '../check/index.ts';
import { bare, type CType, findMember, type RecordType, recordMembers, typeToC } from '../ctype/index.ts';
import type { Token } from '../preprocessor/index.ts';
import { parseTypeName, startsTypeName } from '../program/index.ts';
import type { CompletionContext } from './completion-context.ts';
import type { Ranked } from './rank.ts';
import type { ScopeScanner } from './scope-scanner.ts';
import { closingOf, isPunctuator, operandStart } from './token-walk.ts';

/** Records within records by value; malformed BTF may even nest in circles. */
const DEPTH_LIMIT = 32;
/** More members than any record of a kernel has. */
const MEMBERS_LIMIT = 10_000;

type MemberContext = Extract<CompletionContext, { kind: 'member' | 'designator' | 'member-of-type' }>;

/**
 * The members that may follow at the position, in the order of their structure; none if its type is unknown.
 */
export function memberCandidates(
  context: MemberContext,
  tokens: readonly Token[],
  scanner: ScopeScanner,
): readonly Ranked[] {
  const record = orNothing(() => recordAt(context, tokens, scanner));
  if (!record) return [];
  const found: Ranked[] = [];
  orNothing(() => collect(record, found));
  return found;
}

/**
 * What is wrong with a program, or with the kernel's types, is no matter here: then there is nothing to
 * offer.
 */
function orNothing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof FarcallError && thrown.code !== 'INTERNAL') return undefined;
    throw thrown;
  }
}

function collect(record: RecordType, found: Ranked[], depth = 0): void {
  for (const { name, type, bitWidth } of recordMembers(record)) {
    if (found.length >= MEMBERS_LIMIT) return;
    const inner = bare(type);
    if (name === '' && (inner.kind === 'struct' || inner.kind === 'union')) {
      if (depth < DEPTH_LIMIT) collect(inner, found, depth + 1);
    } else if (name !== '') {
      const width = bitWidth > 0 ? ` : ${bitWidth}` : '';
      found.push({
        label: name,
        kind: 'member',
        group: 0,
        order: found.length,
        detail: () => `${typeToC(type)}${width}`,
      });
    }
  }
}

function recordAt(
  context: MemberContext,
  tokens: readonly Token[],
  scanner: ScopeScanner,
): RecordType | undefined {
  switch (context.kind) {
    case 'member':
      return recordOf(operandType(tokens, context.operator, scanner));
    case 'designator':
      return along(recordOf(listType(tokens, context.open, scanner)), context.path);
    case 'member-of-type':
      return recordOf(typeNameAt(tokens, context.type, scanner));
  }
}

/** The record that a type is, or leads to: who writes `.` behind a pointer wants its members all the same. */
function recordOf(type: CType | undefined): RecordType | undefined {
  for (let plain = type && bare(type); plain; ) {
    if (plain.kind === 'struct' || plain.kind === 'union') return plain;
    if (plain.kind === 'pointer') plain = bare(plain.to);
    else if (plain.kind === 'array') plain = bare(plain.of);
    else return undefined;
  }
  return undefined;
}

function along(record: RecordType | undefined, path: readonly string[]): RecordType | undefined {
  let at = record;
  for (const name of path) at = at && recordOf(findMember(at, name)?.type);
  return at;
}

function operandType(tokens: readonly Token[], operator: number, scanner: ScopeScanner): CType | undefined {
  const isCast = (open: number): boolean => startsTypeName(scanner.parserOf(tokens, open + 1));
  const start = operandStart(tokens, operator - 1, isCast);
  if (start === undefined) return undefined;
  const { at } = tokens[operator]!;
  const parser = scanner.parserOf([...tokens.slice(start, operator), { kind: 'end', at }]);
  const expression = parser.assignment();
  if (parser.cursor.peek().kind !== 'end') return undefined;
  return scanner.context.quietly(() => checkOperand(scanner.context, expression)).type;
}

/**
 * The type that a list in braces is for: of a variable, of a compound literal, or of a member in an outer
 * list.
 */
function listType(tokens: readonly Token[], open: number, scanner: ScopeScanner): CType | undefined {
  const before = tokens[open - 1];
  if (isPunctuator(before, ')')) {
    for (let at = open - 2; at >= 0; at--)
      if (isPunctuator(tokens[at], '(') && closingOf(tokens, at) === open - 1)
        return typeNameAt(tokens, at + 1, scanner);
    return undefined;
  }
  const outer = enclosing(tokens, open);
  if (outer === undefined) return scanner.initialised;
  const outerType = listType(tokens, outer, scanner);
  const member = isPunctuator(before, '=') ? memberBefore(tokens, open - 1) : undefined;
  if (member === undefined) return elementOf(outerType);
  return along(recordOf(outerType), member.slice(0, -1)) && memberType(recordOf(outerType), member);
}

/** Number of the `{` around the one at `open`, where that is a list too. */
function enclosing(tokens: readonly Token[], open: number): number | undefined {
  let depth = 0;
  for (let at = open - 1; at >= 0; at--) {
    if (isPunctuator(tokens[at], ';')) return undefined;
    if (isPunctuator(tokens[at], ')', ']', '}')) depth++;
    else if (isPunctuator(tokens[at], '(', '[', '{') && depth-- === 0)
      return isPunctuator(tokens[at], '{') && isPunctuator(tokens[at - 1], '=', ',', '{', ')')
        ? at
        : undefined;
  }
  return undefined;
}

/** `.a.b =`: the names. */
function memberBefore(tokens: readonly Token[], equals: number): string[] | undefined {
  const path: string[] = [];
  for (let at = equals - 1; at > 0; at -= 2) {
    const token = tokens[at]!;
    if (token.kind !== 'identifier' || !isPunctuator(tokens[at - 1], '.')) break;
    path.unshift(token.name);
  }
  return path.length > 0 ? path : undefined;
}

function memberType(record: RecordType | undefined, path: readonly string[]): CType | undefined {
  const holder = along(record, path.slice(0, -1));
  return holder && findMember(holder, path.at(-1)!)?.type;
}

function elementOf(type: CType | undefined): CType | undefined {
  const plain = type && bare(type);
  return plain?.kind === 'array' ? plain.of : undefined;
}

function typeNameAt(tokens: readonly Token[], start: number, scanner: ScopeScanner): CType {
  const parser = scanner.parserOf(tokens, start);
  return scanner.context.quietly(() => typeOfName(scanner.context, parseTypeName(parser)));
}
