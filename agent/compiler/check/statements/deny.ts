import { bare, type CType, prototypeToC, typeToC } from '../../ctype/index.ts';
import { type Offset, spelledAt, useOf } from '../../preprocessor/index.ts';
import { type DenyStatement, LIFE_UNITS_MS } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import { scalarLayout, wrapInteger } from '../conversions/index.ts';
import { constantOf } from '../expressions/index.ts';
import { arrivalSupport, denySupport } from '../names/index.ts';
import type { CalledFunction, TypedDeny, TypedExpression, Variable } from '../tree/index.ts';
import { checkCondition } from './evaluated.ts';
import { AWAITED, declareParameters, probedFunction } from './watch.ts';

/** The longest life of a deny: for as long after its request a host remembers what it has begun. */
const LONGEST_MS = 30 * 86_400_000;

/**
 * Checks a deny: the function can be probed and returns what can be given instead, the condition does nothing
 * that sleeps or locks, and value and life are constants, so that approvers see them.
 *
 * Threats: a function that returns nothing is denied, and what it should have done is never done; one that
 * returns a pointer gives locks and references back when it fails (vfs_mkdir(), v7.2), and is not entered.
 */
export function checkDeny(context: CheckContext, statement: DenyStatement): TypedDeny {
  const { at, unit } = statement;
  const { diagnostics, watchBodies } = context;
  watchBodies.refuse(diagnostics, at, 'there can be no deny');
  if (context.functions.current)
    throw diagnostics.error(
      'PROGRAM_UNSUPPORTED',
      at,
      'a deny stands in the program, not in a function of it',
    );
  const denied = probedFunction(context, { watched: statement.denied, params: statement.params }, 'denied');
  const value = returnedInstead(context, statement, denied);
  const lifeMs = lifeOf(context, statement);
  const support = diagnostics.located(at, () => denySupport(context.names));
  const { module } = denied;
  const arrivals =
    module === undefined ? undefined : diagnostics.located(at, () => arrivalSupport(context.names));
  const isAwaited = denied.address === AWAITED;
  if (isAwaited)
    diagnostics.warn(
      at,
      `the module '${module}' is not loaded: '${denied.name}' is denied once it is, if it has a function of that name; farcall takes from the program what that returns and is given`,
    );
  const params: Variable[] = [];
  const { checked } = watchBodies.within({ moment: 'entry', isInside: false }, () =>
    context.scope.within((): TypedExpression | undefined => {
      params.push(...declareParameters(context, statement.params, denied));
      return statement.condition && checkCondition(context, statement.condition);
    }),
  );
  const text = ([start, end]: readonly [Offset, Offset]): string => textBetween(context, start, end);
  const typed: TypedDeny = {
    kind: 'deny',
    denied,
    value,
    valueText: text(statement.valueText),
    params,
    lifeMs,
    condition: checked,
    conditionText: checked && text(statement.conditionText),
    shared: watchBodies.shared,
    support,
    arrivals,
    isAwaited,
    at,
  };
  if (lifeMs < LIFE_UNITS_MS.for_minutes)
    diagnostics.warn(at, `this deny ends ${lifeMs / 1000} seconds after it begins (${unit})`);
  context.denies.push(typed);
  return typed;
}

/** A deny in words, for those who approve it: what, what instead, for whom, how long. */
export function denyText({ denied, valueText, lifeMs, conditionText, isAwaited }: TypedDeny): string {
  const holder = denied.module === undefined ? '' : `@${denied.module}`;
  const whom = conditionText === undefined ? 'to everyone' : `while (${conditionText})`;
  const waits = isAwaited ? ', once its module is loaded' : '';
  return `deny ${denied.name}${holder} with ${valueText} ${whom}, for ${lifeText(lifeMs)}${waits}`;
}

function lifeText(lifeMs: number): string {
  const [unit, ms] = Object.entries(LIFE_UNITS_MS).findLast(([, each]) => lifeMs % each === 0)!;
  const count = lifeMs / ms;
  const name = unit.slice('for_'.length);
  return `${count} ${count === 1 ? name.slice(0, -1) : name}`;
}

function lifeOf(context: CheckContext, { unit, count }: DenyStatement): number {
  const number = constantOf(context, count, `the number of ${unit}`);
  const most = Math.floor(LONGEST_MS / LIFE_UNITS_MS[unit]);
  if (number >= 1n && number <= BigInt(most)) return Number(number) * LIFE_UNITS_MS[unit];
  throw context.diagnostics.typeError(count.at, `${unit} takes 1 to ${most}, not ${number}`);
}

function returnedInstead(
  context: CheckContext,
  statement: DenyStatement,
  { name, module, type }: CalledFunction,
): bigint {
  const { diagnostics } = context;
  const { at } = statement.value;
  const value = constantOf(context, statement.value, 'what a denied function returns');
  const { result } = type;
  // Threat: a program declares a function that returns a pointer as one that returns a number.
  for (const each of [type, ...context.names.prototypes(name, module)]) {
    const why = whyNotDenied(each.result);
    if (why)
      throw diagnostics.error(
        'PROGRAM_UNSUPPORTED',
        statement.denied.at,
        `'${name}' cannot be denied, ${prototypeToC(name, each)}: ${why}`,
      );
  }
  if (wrapInteger(value, scalarLayout(result)!) !== value)
    throw diagnostics.typeError(at, `${value} is no ${typeToC(result)}`);
  if (value === 0n)
    diagnostics.warn(at, `with 0, callers of '${name}' are told that it has done what it has not done`);
  return value;
}

function whyNotDenied(result: CType): string | undefined {
  const { kind } = bare(result);
  if (kind === 'pointer')
    return 'it returns a pointer, and nobody knows what its callers leave to it to give back when it fails';
  if (kind === 'void') return 'it returns nothing, so its callers rely on what it does';
  if (kind === 'struct' || kind === 'union') return 'it returns a structure';
  return scalarLayout(result) ? undefined : 'what it returns is no number';
}

/** As it is spelled; of what macros made, where they are used. */
function textBetween({ source }: CheckContext, start: Offset, end: Offset): string {
  const from = useOf(source, start);
  return spelledAt(source, from, Math.max(0, useOf(source, end) - from))
    .replace(/\s+/g, ' ')
    .trim();
}
