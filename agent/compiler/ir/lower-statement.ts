import { holdsLabel, type SwitchCase, type TypedStatement } from '../check/index.ts';
import type { BlockIndex, Temp } from './blocks/index.ts';
import { lowerDeny } from './lower-deny.ts';
import { lower, lowerValue } from './lower-expression.ts';
import { lowerFunctionReturn } from './lower-function.ts';
import { leaveGuards, lowerGuard } from './lower-guard.ts';
import { lowerInitialisation } from './lower-lvalue.ts';
import { lowerReturn } from './lower-result.ts';
import { lowerTaskLoop } from './lower-tasks.ts';
import { lowerWatches } from './lower-watch.ts';
import type { Lowering } from './lowering.ts';

/**
 * Turns a statement into IR. What follows a jump in its block is left out, unless a label may lead into it.
 */
export function lowerStatement(lowering: Lowering, statement: TypedStatement): void {
  const { builder } = lowering;
  if (!builder.isOpen) {
    if (!holdsLabel(statement)) return;
    if (statement.kind !== 'label' && statement.kind !== 'block') builder.enter(builder.block());
  }
  switch (statement.kind) {
    case 'expression':
      lower(lowering, statement.expression);
      return;
    case 'initialise':
      return lowerInitialisation(lowering, statement.start);
    case 'if':
      return lowerIf(lowering, statement);
    case 'loop':
      return lowerLoop(lowering, statement);
    case 'task-loop':
      return lowerTaskLoop(lowering, statement, () => lowerStatement(lowering, statement.body));
    case 'switch':
      return lowerSwitch(lowering, statement);
    case 'label':
      return lowering.bind(statement.label);
    case 'goto':
      // A way back is a loop: it costs what a turn costs.
      if (lowering.isBound(statement.label)) builder.emit({ op: 'fuel', sourceOffset: statement.at });
      leaveGuards(lowering, statement.label.guards);
      return builder.terminate({ op: 'jump', target: lowering.blockOf(statement.label) });
    case 'guard':
      return lowerGuard(lowering, statement, body => lowerStatement(lowering, body));
    case 'break':
    case 'continue':
      return lowerLeave(lowering, statement.kind);
    case 'return':
      return lowerReturn(lowering, statement.value, statement.at);
    case 'function-return':
      return lowerFunctionReturn(lowering, statement);
    case 'watch':
      return lowerWatches(lowering, [statement], { ends: 'all', at: statement.at });
    case 'watch-group':
      return lowerWatches(lowering, statement.watches, statement);
    case 'deny':
      return lowerDeny(lowering, statement);
    case 'block':
      for (const each of statement.statements) lowerStatement(lowering, each);
  }
}

function lowerLeave(lowering: Lowering, kind: 'break' | 'continue'): void {
  const exits = lowering.loops.at(-1)!;
  const isBreak = kind === 'break';
  leaveGuards(lowering, isBreak ? exits.guards : exits.continueGuards);
  lowering.builder.terminate({ op: 'jump', target: isBreak ? exits.breakTo : exits.continueTo! });
}

/** A chain of `else if` may be long, so it is gone through, and not into. */
function lowerIf(lowering: Lowering, statement: Extract<TypedStatement, { kind: 'if' }>): void {
  const { builder } = lowering;
  const ends: BlockIndex[] = [];
  for (let link: TypedStatement | undefined = statement; link; ) {
    if (link.kind !== 'if') {
      lowerStatement(lowering, link);
      break;
    }
    const [then, otherwise]: BlockIndex[] = [builder.block(), builder.block()];
    const done: BlockIndex = link.otherwise ? builder.block() : otherwise!;
    builder.branchInto(lowerValue(lowering, link.condition), then!, otherwise!);
    lowerStatement(lowering, link.then);
    if (builder.isOpen) builder.terminate({ op: 'jump', target: done });
    builder.enter(otherwise!);
    if (link.otherwise) ends.push(done);
    link = link.otherwise;
  }
  for (const done of ends.reverse()) builder.jumpInto(done);
}

/** Every turn costs fuel, so that a program without an end has one. */
function lowerLoop(
  lowering: Lowering,
  { condition, testFirst, step, body, at }: Extract<TypedStatement, { kind: 'loop' }>,
): void {
  const { builder } = lowering;
  const [test, start, next, exit] = [builder.block(), builder.block(), builder.block(), builder.block()];
  builder.jumpInto(testFirst ? test : start);
  if (testFirst) {
    if (condition) builder.branchInto(lowerValue(lowering, condition), start, exit);
    else builder.jumpInto(start);
  }
  lowering.loops.push(lowering.loopExits(exit, next));
  lowerStatement(lowering, body);
  lowering.loops.pop();
  builder.jumpInto(next);
  if (step) lower(lowering, step);
  builder.emit({ op: 'fuel', sourceOffset: at });
  builder.terminate({ op: 'jump', target: test });
  if (!testFirst) {
    builder.enter(test);
    builder.branchInto(lowerValue(lowering, condition!), start, exit);
  }
  builder.enter(exit);
}

/** Compares with one case after the other, then runs the body from the label that was found on. */
function lowerSwitch(
  lowering: Lowering,
  { value, cases, otherwise, body }: Extract<TypedStatement, { kind: 'switch' }>,
): void {
  const { builder } = lowering;
  const exit = builder.block();
  const found = lowerValue(lowering, value);
  for (const each of cases) {
    const next = builder.block();
    builder.terminate({
      op: 'branch',
      condition: lowerCase(lowering, found, each),
      then: lowering.blockOf(each.label),
      otherwise: next,
    });
    builder.enter(next);
  }
  const target: BlockIndex = otherwise ? lowering.blockOf(otherwise) : exit;
  builder.terminate({ op: 'jump', target });
  const around = lowering.loops.at(-1);
  const continueGuards = around?.continueGuards ?? 0;
  lowering.loops.push({ ...lowering.loopExits(exit, around?.continueTo), continueGuards });
  lowerStatement(lowering, body);
  lowering.loops.pop();
  builder.jumpInto(exit);
}

/** A range is one comparison: what lies below it wraps, and is far above. */
function lowerCase({ builder }: Lowering, found: Temp, { low, high }: SwitchCase): Temp {
  if (low === high) return builder.binary('eq', found, builder.constant(low));
  const above = builder.binary('sub', found, builder.constant(low));
  return builder.binary('ule', above, builder.constant(high - low));
}
