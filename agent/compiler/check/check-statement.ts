import { BASIC, bare, type CType, typeToC } from '../ctype/index.ts';
import type { Declaration, Expression, Offset, Statement } from '../program/index.ts';
import { assigned } from './assign.ts';
import { taskPointer } from './builtins.ts';
import { carry } from './carry.ts';
import { type Checker, isPlace } from './checker.ts';
import { declareExtern } from './declare-extern.ts';
import { completed, initialise } from './initialise.ts';
import { listWalk } from './list-walk.ts';
import type { Carried, Place, TypedExpression, TypedStatement } from './typed-tree.ts';

/** Checks the statements of one program, and settles the type of its result. */
export class StatementChecker {
  readonly #checker: Checker;
  #loops = 0;
  #result: Carried | undefined;

  constructor(checker: Checker) {
    this.#checker = checker;
  }

  /** The value that the first `return`, or the last expression, gives: all others have its type. */
  get result(): Carried | undefined {
    return this.#result;
  }

  /** The last expression of a program is its result, unless it is void. */
  last(expression: Expression): TypedStatement {
    const operand = this.#checker.operand(expression);
    const { at } = expression;
    if (!isPlace(operand) && bare(operand.type).kind === 'void')
      return { kind: 'expression', expression: operand };
    return { kind: 'return', value: this.#returned(carry(this.#checker, operand), at), at };
  }

  check(statement: Statement): TypedStatement {
    const checker = this.#checker;
    switch (statement.kind) {
      case 'expression':
        return { kind: 'expression', expression: this.#effect(statement.expression) };
      case 'declare':
        return {
          kind: 'block',
          statements: statement.declarations.flatMap(each => this.#declare(each)),
        };
      case 'if':
        return {
          kind: 'if',
          condition: this.#condition(statement.condition),
          then: this.#scoped(statement.then),
          otherwise: statement.otherwise && this.#scoped(statement.otherwise),
        };
      case 'for':
        return checker.scope.within(() => this.#for(statement));
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
        return checker.scope.within(() => this.#forEachTask(statement));
      case 'list-for-each-entry':
        return checker.scope.within(() => this.#listForEachEntry(statement));
      case 'break':
      case 'continue':
        if (this.#loops === 0)
          throw checker.error('PROGRAM_TYPE', statement.at, `${statement.kind} outside of a loop`);
        return { kind: statement.kind, at: statement.at };
      case 'return':
        return this.#return(statement);
      case 'block':
        return checker.scope.within(() => ({
          kind: 'block',
          statements: statement.statements.map(each => this.check(each)),
        }));
    }
  }

  /** An expression for what it does: a place alone does nothing. */
  #effect(expression: Expression): TypedExpression {
    const operand = this.#checker.operand(expression);
    return isPlace(operand) && bare(operand.type).kind === 'void'
      ? { kind: 'constant', type: BASIC.void, value: 0n, at: expression.at }
      : this.#checker.value(operand);
  }

  #condition(expression: Expression): TypedExpression {
    return this.#checker.scalar(this.#checker.check(expression), 'a condition');
  }

  #scoped(statement: Statement): TypedStatement {
    return this.#checker.scope.within(() => this.check(statement));
  }

  #body(statement: Statement): TypedStatement {
    this.#loops++;
    const body = this.#scoped(statement);
    this.#loops--;
    return body;
  }

  #for(statement: Extract<Statement, { kind: 'for' }>): TypedStatement {
    const start = statement.start && this.check(statement.start);
    const condition = statement.condition && this.#condition(statement.condition);
    const step = statement.step && this.#effect(statement.step);
    const body = this.#body(statement.body);
    const { at } = statement;
    const loop: TypedStatement = { kind: 'loop', condition, testFirst: true, step, body, at };
    return start ? { kind: 'block', statements: [start, loop] } : loop;
  }

  #return({ value, at }: Extract<Statement, { kind: 'return' }>): TypedStatement {
    if (!value) return { kind: 'return', value: undefined, at };
    const operand = this.#checker.operand(value);
    if (!isPlace(operand) && bare(operand.type).kind === 'void')
      throw this.#checker.error('PROGRAM_TYPE', value.at, 'a value of type void cannot be returned');
    return { kind: 'return', value: this.#returned(carry(this.#checker, operand), value.at), at };
  }

  #returned(value: Carried, at: Offset): Carried {
    const first = this.#result;
    if (!first) {
      this.#result = value;
      return value;
    }
    const same = typeToC(first.type) === typeToC(value.type);
    if (same && first.form === value.form) return value;
    if (isPlace(value.source) || first.form === 'bytes')
      throw this.#checker.error(
        'PROGRAM_TYPE',
        at,
        `the program returns ${typeToC(first.type)} before, and ${typeToC(value.type)} here`,
      );
    const source = assigned(this.#checker, first.type, value.source, at, 'the result of the program: ');
    return { ...first, source };
  }

  #declare(declaration: Declaration): TypedStatement[] {
    const checker = this.#checker;
    const { name, initializer, at } = declaration;
    if (declaration.isExtern) {
      declareExtern(checker, declaration);
      return [];
    }
    const type = completed(checker, this.#variableType(declaration), initializer);
    const variable = checker.variable(name, type, at);
    // C11 6.2.1, 7: the name is known in its own initialiser; `auto` has used up its value by then.
    if (!checker.scope.declare(name, { kind: 'variable', variable }))
      throw checker.error('PROGRAM_TYPE', at, `'${name}' is declared twice`);
    if (!initializer) return [{ kind: 'initialise', start: { variable, zero: true, items: [] } }];
    return [{ kind: 'initialise', start: initialise(checker, variable, initializer) }];
  }

  #variableType({ type, initializer, at }: Declaration): CType {
    const checker = this.#checker;
    if (type.base.kind !== 'auto') return checker.typeName(type);
    if (initializer?.kind !== 'value')
      throw checker.error('PROGRAM_TYPE', at, "'auto' takes its type from an initialiser without braces");
    return checker.typeName(
      type,
      checker.quietly(() => checker.check(initializer.value).type),
    );
  }

  #forEachTask(statement: Extract<Statement, { kind: 'for-each-task' }>): TypedStatement {
    const checker = this.#checker;
    const { name, at } = statement;
    const type = taskPointer(checker, at);
    const holder = checker.variable('the task of this turn', type, at);
    const next = checker.variable('the next number', BASIC.int, at);
    checker.usesTasks = true;
    return {
      kind: 'task-loop',
      task: this.#taskVariable(name, type, at),
      holder,
      next,
      body: this.#body(statement.body),
      at,
    };
  }

  /** The variable of that name where there is one, as in the kernel; a new one otherwise. */
  #taskVariable(name: string, type: CType, at: Offset): Place {
    const checker = this.#checker;
    const shared = { offset: 0, bits: undefined, start: undefined, at };
    const binding = checker.scope.find(name);
    if (binding?.kind === 'variable') {
      const { variable } = binding;
      if (typeToC(bare(variable.type)) !== typeToC(type))
        throw checker.error(
          'PROGRAM_TYPE',
          at,
          `'${name}' is ${typeToC(variable.type)}, not ${typeToC(type)}`,
        );
      return { kind: 'local', type: variable.type, variable, ...shared };
    }
    const variable = checker.variable(name, type, at);
    checker.scope.declare(name, { kind: 'variable', variable });
    return { kind: 'local', type, variable, ...shared };
  }

  #listForEachEntry(statement: Extract<Statement, { kind: 'list-for-each-entry' }>): TypedStatement {
    const { at } = statement;
    const walk = listWalk(this.#checker, statement);
    const body = this.#body(statement.body);
    const { condition, step } = walk;
    const loop: TypedStatement = { kind: 'loop', condition, testFirst: true, step, body, at };
    return { kind: 'block', statements: [...walk.start, loop] };
  }
}
