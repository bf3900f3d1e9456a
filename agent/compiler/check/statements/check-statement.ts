import { BASIC, bare } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Expression, Statement, StatementLabel } from '../../program/index.ts';
import type { CheckContext, ErrorRecovery } from '../context/index.ts';
import { checkOperand, checkValue, decidedByKernel, taskPointer } from '../expressions/index.ts';
import { marshal } from '../operators/index.ts';
import {
  isLvalue,
  type LabelTarget,
  type OwnFunction,
  type ProgramResults,
  type TypedExpression,
  type TypedStatement,
} from '../tree/index.ts';
import { declareOwnFunction } from './declare-function.ts';
import { checkDeclaration } from './declare-variable.ts';
import { checkDeny } from './deny.ts';
import { checkCondition, checkEffect } from './evaluated.ts';
import { checkFunctionReturn } from './function-return.ts';
import { GuardScope } from './guard-scope.ts';
import { LabelScope } from './label-scope.ts';
import { listWalk } from './list-walk.ts';
import { checkParameter } from './parameter.ts';
import { ProgramResult } from './program-result.ts';
import { checkStaticAssert } from './static-assert.ts';
import { SwitchCases } from './switch-cases.ts';
import { taskVariable } from './task-variable.ts';
import { checkWatch, checkWatchClones, checkWatchGroup } from './watch.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

/** What `break` leaves. */
type Breakable =
  | { readonly kind: 'loop' | 'guard' }
  | { readonly kind: 'switch'; readonly cases: SwitchCases };

const NOTHING: TypedStatement = { kind: 'block', statements: [] };

/** Checks the statements of one program, and settles the type of its result. */
export class StatementChecker {
  readonly #context: CheckContext;
  readonly #recovery: ErrorRecovery | undefined;
  readonly #labels: LabelScope;
  readonly #own: OwnFunction | undefined;
  /** Loops and switches around the statement, the innermost last. */
  #around: Breakable[] = [];
  /** Statements within expressions, around the statement. */
  #expressions = 0;
  readonly #result: ProgramResult;
  readonly #guards: GuardScope;

  /**
   * With `recovery`, a statement with an error counts as an empty one, and the next is checked. With `own`,
   * it checks the body of that function.
   */
  constructor(context: CheckContext, recovery?: ErrorRecovery, own?: OwnFunction) {
    this.#context = context;
    this.#own = own;
    this.#recovery = recovery;
    this.#labels = new LabelScope(context);
    this.#result = new ProgramResult(context);
    this.#guards = new GuardScope(context, recovery);
    context.checkStatements = expression => this.#statements(expression);
  }

  /** What each `return` of a program, and its last expression, gives. */
  get results(): ProgramResults {
    return this.#result.all;
  }

  /** The whole program: its last expression is its result, unless it is void. */
  program(statements: readonly Statement[]): TypedStatement[] {
    for (const each of statements) if (each.kind === 'function') this.#context.functions.names.add(each.name);
    const last = statements.findLastIndex(({ kind }) => kind !== 'function');
    const typed = this.#sequence(statements, (each, index) =>
      index === last ? this.#recovered(each, () => this.#last(each)) : this.check(each),
    );
    this.#labels.settle();
    return typed;
  }

  /** The body of a function. */
  body(statements: readonly Statement[]): TypedStatement[] {
    const typed = this.#sequence(statements);
    this.#labels.settle();
    return typed;
  }

  /** Statements of one block: what follows a guard runs while it holds its lock. */
  #sequence(
    statements: readonly Statement[],
    check = (each: Statement, _index: number): TypedStatement => this.check(each),
    from = 0,
  ): TypedStatement[] {
    const typed: TypedStatement[] = [];
    for (let index = from; index < statements.length; index++) {
      const each = statements[index]!;
      const guard = each.kind === 'guard' ? this.#guards.make(each) : undefined;
      if (!guard) {
        typed.push(each.kind === 'guard' ? NOTHING : check(each, index));
        continue;
      }
      const body = this.#guards.within(guard, () => this.#sequence(statements, check, index + 1));
      typed.push({
        kind: 'guard',
        guard,
        isLoop: false,
        body: { kind: 'block', statements: body },
        failed: undefined,
      });
      break;
    }
    return typed;
  }

  /** In the kernel each of these is a loop, which `break` and `continue` leave. */
  #scopedGuard(statement: Of<'scoped-guard'>): TypedStatement {
    const { body, failed } = statement;
    const guard = this.#guards.make(statement);
    const around: Breakable = { kind: 'guard' };
    const otherwise = failed && this.#body(failed, around);
    const within = (): TypedStatement => this.#body(body, around);
    if (!guard) return within();
    return {
      kind: 'guard',
      guard,
      isLoop: true,
      body: this.#guards.within(guard, within),
      failed: otherwise,
    };
  }

  #last(statement: Statement): TypedStatement {
    if (statement.kind === 'labelled') return this.#labelled(statement, body => this.#last(body));
    return statement.kind === 'expression'
      ? this.#lastExpression(statement.expression)
      : this.check(statement);
  }

  #lastExpression(expression: Expression): TypedStatement {
    const operand = checkOperand(this.#context, expression);
    const { at } = expression;
    if (!isLvalue(operand) && bare(operand.type).kind === 'void')
      return { kind: 'expression', expression: operand };
    return { kind: 'return', value: this.#result.add(marshal(this.#context, operand), at), at };
  }

  check(statement: Statement): TypedStatement {
    return this.#recovered(statement, () => this.#check(statement));
  }

  #recovered(statement: Statement, check: () => TypedStatement): TypedStatement {
    const recovery = this.#recovery;
    if (!recovery) return check();
    const [around, expressions, guards] = [this.#around.length, this.#expressions, this.#guards.held.length];
    const typed = recovery.attempt(check);
    if (typed) return typed;
    this.#around.length = around;
    this.#guards.backTo(guards);
    this.#expressions = expressions;
    recovery.failed(statement);
    return { kind: 'block', statements: [] };
  }

  #check(statement: Statement): TypedStatement {
    const context = this.#context;
    const { at } = statement;
    switch (statement.kind) {
      case 'expression':
        return { kind: 'expression', expression: checkEffect(context, statement.expression) };
      case 'declare':
        return checkDeclaration(context, statement);
      case 'function':
        declareOwnFunction(context, { ...statement, definition: statement });
        return { kind: 'block', statements: [] };
      case 'static-assert':
        return checkStaticAssert(context, statement);
      case 'if':
        return this.#if(statement);
      case 'for':
        return context.scope.within(() => this.#for(statement));
      case 'while':
      case 'do':
        return {
          kind: 'loop',
          condition: checkCondition(context, statement.condition),
          testFirst: statement.kind === 'while',
          step: undefined,
          body: this.#body(statement.body),
          at,
        };
      case 'for-each-task':
        return context.scope.within(() => this.#forEachTask(statement));
      case 'list-for-each-entry':
        return context.scope.within(() => this.#listForEachEntry(statement));
      case 'switch':
        return this.#switch(statement);
      case 'labelled':
        return this.#labelled(statement, body => this.check(body));
      case 'goto':
        return { kind: 'goto', label: this.#labels.use(statement.name, at, this.#guards.held), at };
      case 'guard':
        throw this.#error(
          statement.at,
          `here this guard would hold its lock for nothing; write scoped_guard(${statement.lock}, …) { … }`,
        );
      case 'scoped-guard':
        return this.#scopedGuard(statement);
      case 'watch':
        return checkWatch(context, statement, this.#recovery);
      case 'watch-group':
        return checkWatchGroup(context, statement, this.#recovery);
      case 'watch-clones':
        return checkWatchClones(context, statement, this.#recovery);
      case 'parameter':
        return checkParameter(context, statement);
      case 'deny':
        return checkDeny(context, statement);
      case 'break':
      case 'continue':
        return this.#leave(statement);
      case 'return':
        return this.#return(statement);
      case 'block':
        return context.scope.within(() => this.#all(statement.statements));
    }
  }

  /** One link of `else if` after the other, not within each other: there may be thousands. */
  #if(statement: Of<'if'>): TypedStatement {
    const links: { readonly condition: TypedExpression; readonly then: TypedStatement }[] = [];
    let otherwise: TypedStatement | undefined;
    for (let rest: Statement | undefined = statement; rest; ) {
      if (rest.kind !== 'if') {
        otherwise = this.#scoped(rest);
        break;
      }
      const link: Of<'if'> = rest;
      const decided = decidedByKernel(this.#context, link.condition);
      if (decided !== undefined && decided !== 0n) {
        otherwise = this.#scoped(link.then);
        break;
      }
      if (decided === undefined)
        links.push({
          condition: checkCondition(this.#context, link.condition),
          then: this.#scoped(link.then),
        });
      rest = link.otherwise;
    }
    for (const link of links.reverse()) otherwise = { kind: 'if', ...link, otherwise };
    return otherwise ?? { kind: 'block', statements: [] };
  }

  #all(statements: readonly Statement[]): TypedStatement {
    return { kind: 'block', statements: this.#sequence(statements) };
  }

  #scoped(statement: Statement): TypedStatement {
    return this.#context.scope.within(() => this.check(statement));
  }

  #body(statement: Statement, within: Breakable = { kind: 'loop' }): TypedStatement {
    this.#around.push(within);
    const body = this.#scoped(statement);
    this.#around.pop();
    return body;
  }

  #leave({ kind, at }: Of<'break' | 'continue'>): TypedStatement {
    const left = this.#around.findLast(each => each.kind !== 'switch' || kind === 'break');
    if (!left) {
      const where = kind === 'break' ? 'a loop or a switch' : 'a loop';
      throw this.#context.diagnostics.typeError(at, `${kind} outside of ${where}`);
    }
    if (left.kind === 'guard')
      this.#context.diagnostics.warn(
        at,
        `as in the kernel, this ${kind} only leaves the scoped guard; guard() in a block leaves it to the loop`,
      );
    return { kind, at };
  }

  #switch({ value, body, at }: Of<'switch'>): TypedStatement {
    const cases = new SwitchCases(this.#context, checkValue(this.#context, value), this.#guards.held.length);
    const checked = this.#body(body, { kind: 'switch', cases });
    cases.warnOfMissing(at);
    return {
      kind: 'switch',
      value: cases.value,
      cases: cases.cases,
      otherwise: cases.otherwise,
      body: checked,
    };
  }

  #labelled({ labels, body }: Of<'labelled'>, check: (body: Statement) => TypedStatement): TypedStatement {
    const placed = labels.map((label): TypedStatement => ({ kind: 'label', label: this.#label(label) }));
    return { kind: 'block', statements: body ? [...placed, check(body)] : placed };
  }

  #label(label: StatementLabel): LabelTarget {
    if (this.#expressions > 0)
      throw this.#error(label.at, 'a label cannot be within ({ }): a goto could jump into the expression');
    if (label.kind === 'name') return this.#labels.bind(label.name, label.at, this.#guards.held);
    const inner = this.#around.findLast(each => each.kind === 'switch');
    if (!inner) throw this.#error(label.at, `'${label.kind}' outside of a switch`);
    const past = this.#guards.held[inner.cases.guards];
    if (past)
      throw this.#error(
        label.at,
        `this switch would jump past guard(${past.name}); put it into a block of its own`,
      );
    return inner.cases.add(label);
  }

  /** GNU's `({ … })`. */
  #statements({ statements, at }: Extract<Expression, { kind: 'statements' }>): TypedExpression {
    const context = this.#context;
    const last = statements.at(-1);
    this.#expressions++;
    const typed = context.scope.within(() => {
      const before = (last?.kind === 'expression' ? statements.slice(0, -1) : statements).map(each =>
        this.check(each),
      );
      const value = last?.kind === 'expression' ? checkValue(context, last.expression) : undefined;
      return { statements: before, value };
    });
    this.#expressions--;
    return { kind: 'statements', type: typed.value?.type ?? BASIC.void, ...typed, at };
  }

  #error(at: Offset, message: string): Error {
    return this.#context.diagnostics.typeError(at, message);
  }

  #for(statement: Of<'for'>): TypedStatement {
    const start = statement.start && this.check(statement.start);
    const condition = statement.condition && checkCondition(this.#context, statement.condition);
    const step = statement.step && checkEffect(this.#context, statement.step);
    const body = this.#body(statement.body);
    const { at } = statement;
    const loop: TypedStatement = { kind: 'loop', condition, testFirst: true, step, body, at };
    return start ? { kind: 'block', statements: [start, loop] } : loop;
  }

  #return(statement: Of<'return'>): TypedStatement {
    const { value, at } = statement;
    if (this.#own) {
      this.#labels.uses++;
      return checkFunctionReturn(this.#context, this.#own, statement);
    }
    this.#context.watchBodies.refuse(this.#context.diagnostics, at, 'return cannot end the program');
    if (!value) return { kind: 'return', value: undefined, at };
    const operand = checkOperand(this.#context, value);
    if (!isLvalue(operand) && bare(operand.type).kind === 'void')
      throw this.#context.diagnostics.typeError(value.at, 'a value of type void cannot be returned');
    return { kind: 'return', value: this.#result.add(marshal(this.#context, operand), at, value.at), at };
  }

  #forEachTask(statement: Of<'for-each-task'>): TypedStatement {
    const context = this.#context;
    const { name, at } = statement;
    const type = taskPointer(context, at);
    const holder = context.newVariable('the current task', type, at);
    const next = context.newVariable('the next number', BASIC.int, at);
    context.usesTasks = true;
    const task = taskVariable(context, name, type, at);
    const before = this.#labels.uses;
    const body = this.#body(statement.body);
    return { kind: 'task-loop', task, holder, next, mayBeLeft: this.#labels.uses > before, body, at };
  }

  #listForEachEntry(statement: Of<'list-for-each-entry'>): TypedStatement {
    const { at } = statement;
    const walk = listWalk(this.#context, statement);
    const body = this.#body(statement.body);
    const { condition, step } = walk;
    const loop: TypedStatement = { kind: 'loop', condition, testFirst: true, step, body, at };
    return { kind: 'block', statements: [...walk.start, loop] };
  }
}
