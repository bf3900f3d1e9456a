import {
  BASIC,
  bare,
  type CType,
  prototypeToC,
  type RecordType,
  sizeOf,
  typeToC,
} from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Expression, Statement, WatchStatement } from '../../program/index.ts';
import type { CheckContext, ErrorRecovery } from '../context/index.ts';
import { scalarLayout } from '../conversions/index.ts';
import { constantOf, whyNotByValue } from '../expressions/index.ts';
import {
  cloneCalled,
  clonesBeside,
  holderSupport,
  moduleOf,
  onlyClone,
  resolveFunction,
  watchSupport,
  wholeClones,
  whyNoOffset,
  whyNotWatched,
} from '../names/index.ts';
import { declaredOf } from '../operators/index.ts';
import type { CalledFunction, TypedStatement, TypedWatch, Variable } from '../tree/index.ts';
import { StatementChecker } from './check-statement.ts';

/** The longest watch: as long as a request may run. */
const LONGEST_MS = 3_600_000;

/** Runs of the body in a second, where the program does not say. */
export const DEFAULT_AT_MOST = 10_000;

const MOST = 1_000_000_000;

/** Bytes that a structure may have to arrive in registers on every CPU. */
const RECORD_LIMIT_BYTES = 16;

/** What the row holds that each watch adds, in its order; 8 bytes each. */
export const WATCH_COUNTS = ['hits', 'entered', 'missed', 'abandoned', 'dropped', 'braked', 'slow'] as const;

/**
 * Checks a watch: the function is one that can be probed, the body does nothing that sleeps or locks, and all
 * numbers are constants, so that approvers see how long it lives.
 */
export function checkWatch(
  context: CheckContext,
  statement: WatchStatement,
  recovery: ErrorRecovery | undefined,
  of?: string,
): TypedWatch {
  const { at } = statement;
  const { diagnostics, watchBodies } = context;
  watchBodies.refuse(diagnostics, at, 'there can be no other watch');
  if (context.functions.current)
    throw diagnostics.error(
      'PROGRAM_UNSUPPORTED',
      at,
      'a watch stands in the program, not in a function of it',
    );
  const watched = probedFunction(context, statement, 'watched');
  const offset = placeIn(context, watched, statement);
  const numbers = {
    forMs: numberOf(context, statement.forMs, 'for_ms', LONGEST_MS),
    until: statement.until && numberOf(context, statement.until, 'until', MOST),
    atMost: statement.atMost ? numberOf(context, statement.atMost, 'at_most', MOST) : DEFAULT_AT_MOST,
  };
  const { moment } = statement;
  const support = diagnostics.located(at, () => watchSupport(context.names, moment));
  const holder =
    watched.module === undefined ? undefined : diagnostics.located(at, () => holderSupport(context.names));
  const named: Variable[] = [];
  const { checked, hasHit, isTimed } = watchBodies.within({ moment, isInside: offset > 0 }, () =>
    context.scope.within(() => {
      const declare = moment === 'entry' ? declareParameters : declareReturned;
      named.push(...declare(context, statement.params, watched));
      return apart(context, statement.body, recovery);
    }),
  );
  const summary = context.rows.push([
    { type: countsType(context), form: 'bytes', source: zero(at), fromCall: false, column: 'watch' },
  ]);
  const typed: TypedWatch = {
    kind: 'watch',
    moment,
    watched,
    clone: statement.clone,
    offset,
    of,
    params: moment === 'entry' ? named : [],
    returned: moment === 'return' ? named[0] : undefined,
    isTimed,
    ...numbers,
    countsRuns: !hasHit,
    shared: watchBodies.shared,
    support,
    holder,
    summary: summary - 1,
    body: checked,
    at,
  };
  context.watches.push(typed);
  return typed;
}

/** Checks watches that wait together. */
export function checkWatchGroup(
  context: CheckContext,
  { ends, watches, at }: Extract<Statement, { kind: 'watch-group' }>,
  recovery: ErrorRecovery | undefined,
): TypedStatement {
  const of = `${ends} of ${watches.length}`;
  const checked = watches.map(watch => checkWatch(context, watch, recovery, of));
  return { kind: 'watch-group', ends, watches: checked, at };
}

/** Checks a watch of a function and all clones of it: one watch for each, with a body of its own. */
export function checkWatchClones(
  context: CheckContext,
  { watch, at }: Extract<Statement, { kind: 'watch-clones' }>,
  recovery: ErrorRecovery | undefined,
): TypedStatement {
  const { watched, offset } = watch;
  const { name } = watched;
  const { diagnostics, names } = context;
  if (offset)
    throw diagnostics.typeError(
      offset.at,
      `the clones of '${name}' have other instructions: watch_any takes no offset`,
    );
  const clones = wholeClones(name, names).map(symbol => symbol.name);
  const all = names.symbols.lookup(name).length > 0 ? [undefined, ...clones] : clones;
  if (all.length > CLONES_LIMIT)
    throw diagnostics.error(
      'PROGRAM_UNSUPPORTED',
      at,
      `'${name}' has ${clones.length} clones; the limit is ${CLONES_LIMIT}`,
    );
  if (clones.length === 0) return checkWatch(context, watch, recovery);
  const of = `any of ${all.length}`;
  const watches = all.map(clone => checkWatch(context, { ...watch, clone }, recovery, of));
  return { kind: 'watch-group', ends: 'any', watches, at };
}

/** Watches that wait together at most. */
const CLONES_LIMIT = 16;

/** How far behind its entry the body runs. */
function placeIn(
  context: CheckContext,
  watched: CalledFunction,
  { offset: given, moment, params: [param] }: WatchStatement,
): number {
  if (!given) return 0;
  const { diagnostics, names } = context;
  const { name } = watched;
  if (moment === 'return')
    throw diagnostics.typeError(given.at, `'${name}' returns by itself: watch_return takes no offset`);
  const offset = numberOf(context, given, 'an offset', OFFSET_MOST);
  const why = whyNoOffset(watched, offset, names);
  if (why) throw diagnostics.typeError(given.at, `'${name}' cannot be watched at ${offset}: ${why}`);
  if (param)
    throw diagnostics.typeError(
      param.at,
      `'${param.name}' cannot be seen at ${offset} bytes into '${name}': its parameters are where they should be at its entry only`,
    );
  return offset;
}

/** No function of any kernel is larger. */
const OFFSET_MOST = 1 << 20;

/** Checks what neither a jump nor `break` can leave or enter. */
function apart(
  context: CheckContext,
  statement: Statement,
  recovery: ErrorRecovery | undefined,
): TypedStatement {
  const { checkStatements } = context;
  const statements = new StatementChecker(context, recovery).body([statement]);
  context.checkStatements = checkStatements;
  return { kind: 'block', statements };
}

/** A watch in words, for those who approve it: what, how long, how often. */
export function watchText({ moment, watched, clone, offset, of, forMs, until, atMost }: TypedWatch): string {
  const holder = watched.module === undefined ? '' : `@${watched.module}`;
  const hits = until === undefined ? '' : `, until ${until} ${until === 1 ? 'hit' : 'hits'}`;
  const what = moment === 'entry' ? 'watch' : 'watch the return of';
  const place = offset === 0 ? '' : `+0x${offset.toString(16)}`;
  const others = of === undefined ? '' : `, ${of}`;
  return `${what} ${clone ?? watched.name}${place}${holder} for ${forMs} ms${hits}, at most ${atMost} a second${others}`;
}

function zero(at: Offset) {
  return { kind: 'constant', type: BASIC.int, value: 0n, at } as const;
}

/** Those that are watched, too, by `watch_any`, have nothing to be warned of. */
function warnOfClones(
  { diagnostics, names }: CheckContext,
  { name, at }: WatchStatement['watched'],
  how: 'watched' | 'denied',
): void {
  const clones = clonesBeside(name, names);
  if (clones.length === 0) return;
  const hint = how === 'watched' ? `; watch_any (${name}) does` : '';
  diagnostics.warn(
    at,
    `'${name}' is not all: the ${NOUN[how]} does not see calls of ${clones.join(', ')}${hint}`,
  );
}

/** The address of a function whose module is not loaded. Nothing is ever called or written there. */
export const AWAITED = 0n;

const NOUN = { watched: 'watch', denied: 'deny' } as const;

/**
 * The function that is to be `watched` or `denied`, at whose entry there can be a probe. A clone can only be
 * watched: what it returns is not what the source says.
 */
export function probedFunction(
  context: CheckContext,
  { watched, params, clone: named }: Pick<WatchStatement, 'watched' | 'params' | 'clone'>,
  how: 'watched' | 'denied',
): CalledFunction {
  const { name, module, at } = watched;
  const { diagnostics, names, scope } = context;
  const binding = module === undefined ? scope.find(name) : declaredOf(context, name, module);
  if (binding?.kind === 'awaited') {
    if (how === 'denied') return { ...binding, address: AWAITED };
    throw diagnostics.error(
      'PROGRAM_UNSUPPORTED',
      at,
      `'${name}' cannot be watched: the module '${binding.module}' is not loaded, and a watch is too short to wait for it; load it first`,
    );
  }
  const holder = moduleOf(module);
  if (!binding && how === 'denied' && holder !== undefined && !names.isLoaded(holder, name))
    throw diagnostics.error(
      'SYMBOL_UNKNOWN',
      at,
      `the module '${holder}' is not loaded, and farcall does not know what '${name}' of it returns; declare '${name}@${holder}' to deny it once its module is loaded: extern int ${name}@${holder}(…);`,
    );
  if (binding && binding.kind !== 'function')
    throw diagnostics.typeError(at, `'${name}' is no function of the kernel here`);
  const mayBeClone = !binding && how === 'watched';
  const clone = mayBeClone
    ? diagnostics.located(at, () =>
        named === undefined ? onlyClone(name, module, names) : cloneCalled(named, name, names),
      )
    : undefined;
  const found =
    binding?.callee ?? clone?.callee ?? diagnostics.located(at, () => resolveFunction(name, module, names));
  const why = whyNotWatched(found, names);
  if (why) throw diagnostics.error('PROGRAM_UNSUPPORTED', at, `'${name}' cannot be ${how}: ${why}`);
  if (clone) {
    if (params.length > 0)
      throw diagnostics.typeError(
        params[0]!.at,
        `this kernel's compiler left '${clone.symbol}' of '${name}': what it takes and returns is not what the source says; leave '${params[0]!.name}' out`,
      );
    if (named === undefined)
      diagnostics.warn(
        at,
        `'${name}' is '${clone.symbol}' in this kernel: calls of it that were inlined are not seen`,
      );
    return found;
  }
  warnOfClones(context, watched, how);
  return found;
}

function numberOf(context: CheckContext, expression: Expression, clause: string, most: number): number {
  const value = constantOf(context, expression, `the number of ${clause}`);
  if (value >= 1n && value <= BigInt(most)) return Number(value);
  throw context.diagnostics.typeError(expression.at, `${clause} takes 1 to ${most}, not ${value}`);
}

/** Names for the first parameters of a function, where it is entered. */
export function declareParameters(
  context: CheckContext,
  params: WatchStatement['params'],
  { name, type }: CalledFunction,
): Variable[] {
  return params.map((given, index) => {
    const param = type.params[index];
    const fail = (message: string): Error => context.diagnostics.typeError(given.at, message);
    if (!param) throw fail(`'${name}' has ${countOf(type.params.length)}: ${prototypeToC(name, type)}`);
    const why = whyNotByValue(param.type) ?? whyNoParameter(param.type);
    if (why)
      throw fail(`parameter ${index + 1} of '${name}', ${typeToC(param.type)}, cannot be seen: ${why}`);
    const variable = context.newVariable(given.name, param.type, given.at);
    if (!context.scope.declare(given.name, { kind: 'variable', variable }))
      throw fail(`two parameters are called '${given.name}'`);
    return variable;
  });
}

function countOf(params: number): string {
  if (params === 0) return 'no parameters';
  return params === 1 ? '1 parameter' : `${params} parameters`;
}

/** The name for what the function returns, if the body has one. */
function declareReturned(
  context: CheckContext,
  [given, surplus]: WatchStatement['params'],
  { name, type }: CalledFunction,
): Variable[] {
  if (surplus)
    throw context.diagnostics.typeError(
      surplus.at,
      `watch_return takes one name, for what '${name}' returns: its parameters are gone by then`,
    );
  if (!given) return [];
  if (!scalarLayout(type.result))
    throw context.diagnostics.typeError(
      given.at,
      `what '${name}' returns cannot be seen, ${typeToC(type.result)}: leave '${given.name}' out`,
    );
  const variable = context.newVariable(given.name, type.result, given.at);
  context.scope.declare(given.name, { kind: 'variable', variable });
  return [variable];
}

function whyNoParameter(type: CType): string | undefined {
  const { kind } = bare(type);
  if (kind !== 'struct' && kind !== 'union') return undefined;
  if ((sizeOf(type) ?? 0) <= RECORD_LIMIT_BYTES) return undefined;
  return `it is a structure of more than ${RECORD_LIMIT_BYTES} bytes`;
}

/** `struct watch { unsigned long hits, entered, …; }`: how it is shown says what each number is. */
function countsType(context: CheckContext): RecordType {
  return {
    kind: 'struct',
    name: 'watch',
    sizeBytes: WATCH_COUNTS.length * 8,
    id: context.definitions.newId(),
    members: () =>
      WATCH_COUNTS.map((name, index) => ({ name, type: BASIC.ulong, bitOffset: index * 64, bitWidth: 0 })),
  };
}
