import type { TypedStatement } from './typed-tree.ts';

/**
 * Whether a program may run past its last statement, as far as its shape tells: a loop without a condition,
 * or with one that is always true, goes on forever unless a `break` leaves it (gcc -Wreturn-type).
 */
export function canFallThrough(statements: readonly TypedStatement[]): boolean {
  let reached = true;
  for (const each of statements) {
    if (!reached && !holdsLabel(each)) continue;
    reached = passes(each);
  }
  return reached;
}

function passes(statement: TypedStatement): boolean {
  switch (statement.kind) {
    case 'return':
    case 'function-return':
    case 'goto':
    case 'break':
    case 'continue':
      return false;
    case 'if':
      return linksOf(statement).some(each => each === undefined || passes(each));
    case 'loop': {
      const { condition } = statement;
      const endless = !condition || (condition.kind === 'constant' && condition.value !== 0n);
      return !endless || leaves(statement.body, false);
    }
    case 'switch':
      return !statement.otherwise || passes(statement.body) || leaves(statement.body, false);
    case 'block':
      return canFallThrough(statement.statements);
    case 'guard': {
      const { body, failed, guard, isLoop } = statement;
      const mayFail = guard.lock !== 'rcu' && guard.lock.takenIf !== 'always';
      if (mayFail && (!failed || passes(failed))) return true;
      return passes(body) || (isLoop && leaves(body, true));
    }
    default:
      return true;
  }
}

/** Whether a `break`, or with `continues` a `continue`, in it leaves what is around it. */
function leaves(statement: TypedStatement, continues: boolean): boolean {
  switch (statement.kind) {
    case 'break':
      return true;
    case 'continue':
      return continues;
    case 'if':
      return linksOf(statement).some(each => each !== undefined && leaves(each, continues));
    case 'block':
      return statement.statements.some(each => leaves(each, continues));
    case 'guard':
      return !statement.isLoop && leaves(statement.body, continues);
    default:
      return false;
  }
}

/** What a chain of `else if` may run, the last `else` included; undefined where there is none. */
function linksOf(statement: Extract<TypedStatement, { kind: 'if' }>): (TypedStatement | undefined)[] {
  const links: (TypedStatement | undefined)[] = [];
  let rest: TypedStatement | undefined = statement;
  for (; rest?.kind === 'if'; rest = rest.otherwise) links.push(rest.then);
  links.push(rest);
  return links;
}

/** Whether something may come to it from elsewhere. */
export function holdsLabel(statement: TypedStatement): boolean {
  switch (statement.kind) {
    case 'label':
      return true;
    case 'if':
      return linksOf(statement).some(each => each !== undefined && holdsLabel(each));
    case 'loop':
    case 'task-loop':
    case 'switch':
    case 'guard':
      return holdsLabel(statement.body);
    case 'block':
      return statement.statements.some(holdsLabel);
    default:
      return false;
  }
}
