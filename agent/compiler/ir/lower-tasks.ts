import type { TaskTree, TaskWalk, TypedExpression, TypedStatement, Variable } from '../check/index.ts';
import { END, type Temp } from './blocks/index.ts';
import { lowerDenyCleanup } from './lower-deny.ts';
import { lowerValue } from './lower-expression.ts';
import { exchangeLoop, resolveLvalue, writeLvalue } from './lower-lvalue.ts';
import type { Lowering } from './lowering.ts';
import { takeOut } from './watch-state.ts';

/**
 * `find_task(pid)`. The reference is held until the same expression finds another task, or the program ends;
 * what is not found ends it as skipped.
 */
export function lowerFindTask(
  lowering: Lowering,
  { pid, holder, at }: Extract<TypedExpression, { kind: 'find-task' }>,
): Temp {
  const number = lowerValue(lowering, pid);
  if (lowering.target === 'interpreter') return readTaskNumbered(lowering, number, at);
  const walk = taskWalk(lowering);
  hold(lowering, holder);
  release(lowering, holder);
  const found = lowering.call(walk.findGetPid, [number]);
  lowering.endUnless(found, END.SKIPPED, at);
  const task = lowering.call(walk.getPidTask, [found, lowering.builder.constant(walk.pidType)]);
  lowering.call(walk.putPid, [found]);
  lowering.endUnless(task, END.SKIPPED, at);
  storeHolder(lowering, holder, task);
  return task;
}

/**
 * `for_each_task (t) body`: every task by its number in the first PID namespace, threads too. RCU is held
 * while the next one is looked for, and a reference while the body runs, which may therefore sleep.
 */
export function lowerTaskLoop(
  lowering: Lowering,
  loop: Extract<TypedStatement, { kind: 'task-loop' }>,
  lowerBody: () => void,
): void {
  const { builder } = lowering;
  const holds = lowering.target === 'module';
  const [again, have, next, exit] = [builder.block(), builder.block(), builder.block(), builder.block()];
  if (holds) hold(lowering, loop.holder);
  // A goto may have left the loop with a task still held.
  if (holds && loop.mayBeLeft) release(lowering, loop.holder);
  builder.emit({
    op: 'store',
    offset: lowering.offsetOf(loop.next),
    from: builder.constant(1n),
    bytes: 4,
  });
  builder.jumpInto(again);
  builder.emit({ op: 'fuel', sourceOffset: loop.at });
  const task = holds ? nextTask(lowering, loop, exit) : readNextTask(lowering, loop, exit);
  builder.branchInto(task, have, again);
  if (holds) storeHolder(lowering, loop.holder, task);
  writeLvalue(lowering, resolveLvalue(lowering, loop.task), task);
  lowering.loops.push(lowering.loopExits(exit, next));
  lowerBody();
  lowering.loops.pop();
  builder.jumpInto(next);
  if (holds) release(lowering, loop.holder);
  builder.jumpInto(again);
  builder.enter(exit);
  if (holds) release(lowering, loop.holder);
}

/**
 * `find_task` by reading alone: nothing is held, so the task may be gone by the time that it is looked at.
 */
function readTaskNumbered(lowering: Lowering, wanted: Temp, at: number): Temp {
  const { builder } = lowering;
  const [task, number] = [builder.temp(), builder.temp()];
  builder.emit({
    op: 'next-task',
    to: task,
    number,
    least: wanted,
    tree: taskTree(lowering),
    sourceOffset: at,
  });
  lowering.endUnless(builder.binary('eq', number, wanted), END.SKIPPED, at);
  lowering.endUnless(task, END.SKIPPED, at);
  return task;
}

/** {@link nextTask} by reading alone. */
function readNextTask(
  lowering: Lowering,
  { next, at }: Extract<TypedStatement, { kind: 'task-loop' }>,
  exit: number,
): Temp {
  const { builder } = lowering;
  const offset = lowering.offsetOf(next);
  const found = builder.block();
  const [task, number, least] = [builder.temp(), builder.temp(), builder.temp()];
  builder.emit({ op: 'load', to: least, offset, bytes: 4 });
  builder.emit({ op: 'next-task', to: task, number, least, tree: taskTree(lowering), sourceOffset: at });
  builder.terminate({ op: 'branch', condition: number, then: found, otherwise: exit });
  builder.enter(found);
  const following = builder.binary('add', number, builder.constant(1n));
  builder.emit({ op: 'store', offset, from: following, bytes: 4 });
  return task;
}

/**
 * The address of `init_pid_ns`, as process 1 has it: kernels without CONFIG_KALLSYMS_ALL tell no symbols of
 * data. Its own namespace finds process 1 as long as there is one. It is looked for once, where it is first
 * needed: a goto may lead into a loop.
 */
function firstNamespace(lowering: Lowering, at: number): Temp {
  const { builder } = lowering;
  const walk = taskWalk(lowering);
  const offset = lowering.needNamespace();
  const [unknown, known] = [builder.block(), builder.block()];
  const kept = builder.temp();
  builder.emit({ op: 'load', to: kept, offset, bytes: 8 });
  builder.terminate({ op: 'branch', condition: kept, then: known, otherwise: unknown });
  builder.enter(unknown);
  const pid = lowering.call(walk.findGetPid, [builder.constant(1n)]);
  lowering.endUnless(pid, END.SKIPPED, at);
  const found = builder.temp();
  const address = builder.binary('add', pid, builder.constant(BigInt(walk.namespaceOffset)));
  builder.emit({ op: 'read', to: found, address, bytes: 8, sourceOffset: at });
  lowering.call(walk.putPid, [pid]);
  builder.emit({ op: 'store', offset, from: found, bytes: 8 });
  builder.jumpInto(known);
  const namespace = builder.temp();
  builder.emit({ op: 'load', to: namespace, offset, bytes: 8 });
  return namespace;
}

/** The task with the next number, or 0 where it is ending; to `exit` where no number is left. */
function nextTask(
  lowering: Lowering,
  { next, at }: Extract<TypedStatement, { kind: 'task-loop' }>,
  exit: number,
): Temp {
  const { builder } = lowering;
  const walk = taskWalk(lowering);
  const [found, none] = [builder.block(), builder.block()];
  const offset = lowering.offsetOf(next);
  const namespace = firstNamespace(lowering, at);
  lowerRcu(lowering, true);
  const least = builder.temp();
  builder.emit({ op: 'load', to: least, offset, bytes: 4 });
  const pid = lowering.call(walk.findGePid, [least, namespace]);
  builder.terminate({ op: 'branch', condition: pid, then: found, otherwise: none });
  builder.enter(none);
  lowerRcu(lowering, false);
  builder.terminate({ op: 'jump', target: exit });
  builder.enter(found);
  const number = builder.temp();
  const address = builder.binary('add', pid, builder.constant(BigInt(walk.numberOffset)));
  builder.emit({ op: 'read', to: number, address, bytes: 4, sourceOffset: at });
  const following = builder.binary('add', number, builder.constant(1n));
  builder.emit({ op: 'store', offset, from: following, bytes: 4 });
  const task = lowering.call(walk.getPidTask, [pid, builder.constant(walk.pidType)]);
  lowerRcu(lowering, false);
  return task;
}

/**
 * Enters or leaves an RCU read section; how many are held is counted, and every end of the program leaves
 * them.
 */
export function lowerRcu(lowering: Lowering, lock: boolean): void {
  const { builder } = lowering;
  if (lowering.target === 'interpreter') return;
  const rcu = lowering.tasks?.rcu();
  if (!rcu?.lock || !rcu.unlock) return;
  const offset = lowering.needRcuDepth();
  const args = rcu.takesLock ? [builder.local(offset + 8)] : [];
  const depth = builder.temp();
  builder.emit({ op: 'load', to: depth, offset, bytes: 8 });
  if (lock) {
    lowering.call(rcu.lock, args);
    const deeper = builder.binary('add', depth, builder.constant(1n));
    return builder.emit({ op: 'store', offset, from: deeper, bytes: 8 });
  }
  const [held, done] = [builder.block(), builder.block()];
  builder.branchInto(depth, held, done);
  const rest = builder.binary('sub', depth, builder.constant(1n));
  builder.emit({ op: 'store', offset, from: rest, bytes: 8 });
  lowering.call(rcu.unlock, args);
  builder.jumpInto(done);
}

/** Gives back everything that the program may still hold. */
export function lowerCleanup(lowering: Lowering): void {
  const { builder } = lowering;
  const { rcuDepth } = lowering;
  if (rcuDepth !== undefined) {
    const [again, held, done] = [builder.block(), builder.block(), builder.block()];
    builder.jumpInto(again);
    const depth = builder.temp();
    builder.emit({ op: 'load', to: depth, offset: rcuDepth, bytes: 8 });
    builder.branchInto(depth, held, done);
    lowerRcu(lowering, false);
    builder.jumpInto(again);
    builder.enter(done);
  }
  for (const holder of lowering.holders) release(lowering, holder);
  for (const probe of lowering.probes) takeOut(lowering, probe);
  lowerDenyCleanup(lowering);
  builder.terminate({ op: 'leave' });
}

function taskWalk({ tasks }: Lowering): TaskWalk {
  if (!tasks) throw new Error('the checker has not seen that tasks are needed');
  return tasks.walk();
}

function taskTree({ tasks }: Lowering): TaskTree {
  if (!tasks) throw new Error('the checker has not seen that tasks are needed');
  return tasks.tree();
}

/** From here on every end of the program gives back what the variable holds. */
function hold({ holders }: Lowering, holder: Variable): void {
  if (!holders.includes(holder)) holders.push(holder);
}

function storeHolder(lowering: Lowering, holder: Variable, from: Temp): void {
  lowering.builder.emit({ op: 'store', offset: lowering.offsetOf(holder), from, bytes: 8 });
}

/**
 * Gives the reference back, if there is one: put_task_struct() is inline, so its parts are written out here
 * (include/linux/sched/task.h, v6.12). The variable is cleared first, so that nothing is given back twice.
 */
function release(lowering: Lowering, holder: Variable): void {
  const { builder } = lowering;
  const walk = taskWalk(lowering);
  const [held, last, done] = [builder.block(), builder.block(), builder.block()];
  const task = builder.temp();
  builder.emit({ op: 'load', to: task, offset: lowering.offsetOf(holder), bytes: 8 });
  builder.branchInto(task, held, done);
  storeHolder(lowering, holder, builder.constant(0n));
  const address = builder.binary('add', task, builder.constant(BigInt(walk.usageOffset)));
  const left = exchangeLoop(lowering, { address, bytes: 4, sourceOffset: 0 }, count => {
    const less = builder.binary('sub', count, builder.constant(1n));
    return builder.binary('and', less, builder.constant(0xffffffffn));
  });
  builder.terminate({ op: 'branch', condition: left, then: done, otherwise: last });
  builder.enter(last);
  lowering.call(walk.putTaskStruct, [task]);
  builder.jumpInto(done);
}
