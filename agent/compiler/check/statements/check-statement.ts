import { BASIC, bare, type CType, typeToC } from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { Expression, Statement, StatementLabel } from '../../program/index.ts';
import type { CheckContext, ErrorRecovery } from '../context/index.ts';
import {
  checkOperand,
  checkValue,
  constantOf,
  decidedByKernel,
  declareRecord,
  taskPointer,
  typeOfName,
} from '../expressions/index.ts';
import { assigned, marshal, readValue, requireScalar, warnOfUnusedValue } from '../operators/index.ts';
import {
  isLvalue,
  type LabelTarget,
  type Lvalue,
  type MarshalledValue,
  type OwnFunction,
  type TypedExpression,
  type TypedStatement,
} from '../tree/index.ts';
import { declareOwnFunction } from './declare-function.ts';
import { declareName } from './declare-variable.ts';
import { LabelScope } from './label-scope.ts';
import { listWalk } from './list-walk.ts';
import { SwitchCases } from './switch-cases.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

/** What `break` leaves. */
type Breakable = { readonly kind: 'loop' } | { readonly kind: 'switch'; readonly cases: SwitchCases };

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
  #result: MarshalledValue | undefined;

  /**
   * With `recovery`, a statement with an error counts as an empty one, and the next is checked. With `own`,
   * it checks the body of that function.
   */
  constructor(context: CheckContext, recovery?: ErrorRecovery, own?: OwnFunction) {
    this.#context = context;
    this.#own = own;
    this.#recovery = recovery;
    this.#labels = new LabelScope(context);
    context.checkStatements = expression => this.#statements(expression);
  }

  /** The value that the first `return`, or the last expression, gives: all others have its type. */
  get result(): MarshalledValue | undefined {
    return this.#result;
  }

  /** The whole program: its last expression is its result, unless it is void. */
  program(statements: readonly Statement[]): TypedStatement[] {
    for (const each of statements) if (each.kind === 'function') this.#context.functions.names.add(each.name);
    const last = statements.findLastIndex(({ kind }) => kind !== 'function');
    const first = statements.findIndex(({ at }) => this.#context.diagnostics.isInProgram(at));
    const typed = statements.map((each, index) => {
      if (index === first) this.#context.scope.endLibrary();
      return index === last ? this.#recovered(each, () => this.#last(each)) : this.check(each);
    });
    this.#labels.settle();
    return typed;
  }

  /** The body of a function. */
  body(statements: readonly Statement[]): TypedStatement[] {
    const typed = statements.map(each => this.check(each));
    this.#labels.settle();
    return typed;
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
    return { kind: 'return', value: this.#returned(marshal(this.#context, operand), at), at };
  }

  check(statement: Statement): TypedStatement {
    return this.#recovered(statement, () => this.#check(statement));
  }

  #recovered(statement: Statement, check: () => TypedStatement): TypedStatement {
    const recovery = this.#recovery;
    if (!recovery) return check();
    const [around, expressions] = [this.#around.length, this.#expressions];
    const typed = recovery.attempt(check);
    if (typed) return typed;
    this.#around.length = around;
    this.#expressions = expressions;
    recovery.failed(statement);
    return { kind: 'block', statements: [] };
  }

  #check(statement: Statement): TypedStatement {
    const context = this.#context;
    switch (statement.kind) {
      case 'expression':
        return { kind: 'expression', expression: this.#effect(statement.expression) };
      case 'declare':
        return this.#declare(statement);
      case 'function':
        declareOwnFunction(context, { ...statement, definition: statement });
        return { kind: 'block', statements: [] };
      case 'static-assert':
        return this.#staticAssert(statement);
      case 'if':
        return this.#if(statement);
      case 'for':
        return context.scope.within(() => this.#for(statement));
      case 'while':
      case 'do':
        return {
          kind: 'loop',
          condition: this.#condition(statement.condition),
          testFirst: statement.kind === 'while',
          step: undefined,
          body: this.#body(statement.body),
          at: statement.at,
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
        return { kind: 'goto', label: this.#labels.use(statement.name, statement.at), at: statement.at };
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
        links.push({ condition: this.#condition(link.condition), then: this.#scoped(link.then) });
      rest = link.otherwise;
    }
    for (const link of links.reverse()) otherwise = { kind: 'if', ...link, otherwise };
    return otherwise ?? { kind: 'block', statements: [] };
  }

  #all(statements: readonly Statement[]): TypedStatement {
    return { kind: 'block', statements: statements.map(each => this.check(each)) };
  }

  /** An expression that is evaluated for its side effects: an lvalue alone has none. */
  #effect(expression: Expression): TypedExpression {
    const operand = checkOperand(this.#context, expression);
    if (isLvalue(operand) && bare(operand.type).kind === 'void')
      return { kind: 'constant', type: BASIC.void, value: 0n, at: expression.at };
    const value = readValue(this.#context, operand);
    warnOfUnusedValue(this.#context, value);
    return value;
  }

  #condition(expression: Expression): TypedExpression {
    return requireScalar(this.#context, checkValue(this.#context, expression), 'a condition');
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
    if (!this.#around.some(each => each.kind === 'loop' || kind === 'break')) {
      const where = kind === 'break' ? 'a loop or a switch' : 'a loop';
      throw this.#context.diagnostics.typeError(at, `${kind} outside of ${where}`);
    }
    return { kind, at };
  }

  #switch({ value, body, at }: Of<'switch'>): TypedStatement {
    const cases = new SwitchCases(this.#context, checkValue(this.#context, value));
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
    if (label.kind === 'name') return this.#labels.bind(label.name, label.at);
    const inner = this.#around.findLast(each => each.kind === 'switch');
    if (!inner) throw this.#error(label.at, `'${label.kind}' outside of a switch`);
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

  #declare({ type, declarations, at }: Of<'declare'>): TypedStatement {
    const context = this.#context;
    const { base } = type;
    if (base.kind === 'tag' && declarations.length === 0) declareRecord(context, base);
    else if (base.kind === 'record' || base.kind === 'enumeration') typeOfName(context, type);
    else if (declarations.length === 0) throw this.#error(at, 'this declaration declares nothing');
    return { kind: 'block', statements: declarations.flatMap(each => declareName(context, each)) };
  }

  #staticAssert({ condition, message, at }: Of<'static-assert'>): TypedStatement {
    if (constantOf(this.#context, condition, 'the condition of _Static_assert') === 0n)
      throw this.#error(
        at,
        `this _Static_assert fails on this kernel${message === undefined ? '' : `: ${message}`}`,
      );
    return { kind: 'block', statements: [] };
  }

  #error(at: Offset, message: string): Error {
    return this.#context.diagnostics.typeError(at, message);
  }

  #for(statement: Of<'for'>): TypedStatement {
    const start = statement.start && this.check(statement.start);
    const condition = statement.condition && this.#condition(statement.condition);
    const step = statement.step && this.#effect(statement.step);
    const body = this.#body(statement.body);
    const { at } = statement;
    const loop: TypedStatement = { kind: 'loop', condition, testFirst: true, step, body, at };
    return start ? { kind: 'block', statements: [start, loop] } : loop;
  }

  #return(statement: Of<'return'>): TypedStatement {
    const { value, at } = statement;
    if (this.#own) return this.#functionReturn(this.#own, statement);
    if (!value) return { kind: 'return', value: undefined, at };
    const operand = checkOperand(this.#context, value);
    if (!isLvalue(operand) && bare(operand.type).kind === 'void')
      throw this.#context.diagnostics.typeError(value.at, 'a value of type void cannot be returned');
    return { kind: 'return', value: this.#returned(marshal(this.#context, operand), value.at), at };
  }

  /** C11 6.8.6.4. It leaves the loops around it as a goto does. */
  #functionReturn(from: OwnFunction, { value, at }: Of<'return'>): TypedStatement {
    const { name, type } = from;
    const isVoid = bare(type.result).kind === 'void';
    this.#labels.uses++;
    if (!value) {
      if (!isVoid)
        this.#context.diagnostics.warn(at, `'${name}' returns ${typeToC(type.result)}; give a value`);
      return { kind: 'function-return', from, value: undefined, at };
    }
    const given = checkValue(this.#context, value);
    if (isVoid && bare(given.type).kind !== 'void')
      throw this.#error(value.at, `'${name}' returns void, so it can give no value`);
    if (!isVoid) {
      const converted = assigned(this.#context, type.result, given, value.at, `the result of '${name}': `);
      return { kind: 'function-return', from, value: converted, at };
    }
    const statements: TypedStatement[] = [{ kind: 'expression', expression: given }];
    return {
      kind: 'block',
      statements: [...statements, { kind: 'function-return', from, value: undefined, at }],
    };
  }

  #returned(value: MarshalledValue, at: Offset): MarshalledValue {
    const first = this.#result;
    if (!first) {
      this.#result = value;
      return value;
    }
    const same = typeToC(first.type) === typeToC(value.type);
    if (same && first.form === value.form) return value;
    if (isLvalue(value.source) || first.form === 'bytes')
      throw this.#context.diagnostics.typeError(
        at,
        `this return gives ${typeToC(value.type)}, but an earlier one gives ${typeToC(first.type)}`,
      );
    const source = assigned(this.#context, first.type, value.source, at, 'the result of the program: ');
    return { ...first, source };
  }

  #forEachTask(statement: Of<'for-each-task'>): TypedStatement {
    const context = this.#context;
    const { name, at } = statement;
    const type = taskPointer(context, at);
    const holder = context.newVariable('the current task', type, at);
    const next = context.newVariable('the next number', BASIC.int, at);
    context.usesTasks = true;
    const task = this.#taskVariable(name, type, at);
    const before = this.#labels.uses;
    const body = this.#body(statement.body);
    return { kind: 'task-loop', task, holder, next, mayBeLeft: this.#labels.uses > before, body, at };
  }

  /** The variable of that name where there is one, as in the kernel; a new one otherwise. */
  #taskVariable(name: string, type: CType, at: Offset): Lvalue {
    const context = this.#context;
    const shared = { offset: 0, bits: undefined, start: undefined, at };
    const binding = context.scope.find(name);
    if (binding?.kind === 'variable') {
      const { variable } = binding;
      if (typeToC(bare(variable.type)) !== typeToC(type))
        throw context.diagnostics.typeError(
          at,
          `'${name}' is ${typeToC(variable.type)}, not ${typeToC(type)}`,
        );
      return { kind: 'local', type: variable.type, variable, ...shared };
    }
    const variable = context.newVariable(name, type, at);
    context.scope.declare(name, { kind: 'variable', variable });
    return { kind: 'local', type, variable, ...shared };
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
