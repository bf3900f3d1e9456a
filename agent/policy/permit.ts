import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { globMatches } from '../../shared/glob/index.ts';
import { type CallRequest, exceedsEffect, FUEL_DEFAULT } from '../../shared/messages/index.ts';
import type { MayCall, PlannedDeny } from '../compiler/index.ts';
import type { Callee, CompiledCall } from '../stages/index.ts';
import { isVerifiedOrder, type VerifiedOrder } from '../verify/index.ts';
import { checkScopes } from './check-scopes.ts';
import { type HostPolicy, KERNEL_ITSELF, type NameRules } from './host-policy.ts';

/** Not exported: only {@link permit} can make one, and the private member makes its type nominal. */
class CallOfPolicy {
  readonly #made = true;
  readonly order: VerifiedOrder;
  readonly compiled: CompiledCall;

  constructor(order: VerifiedOrder, compiled: CompiledCall) {
    this.order = order;
    this.compiled = compiled;
  }

  static made(value: object): boolean {
    return #made in value;
  }
}

/** A compiled call that this host's own policy allows, with the order that it belongs to. */
export type PermittedCall = CallOfPolicy;

/** Whether `call` was made by {@link permit}. */
export function isPermittedCall(call: object): boolean {
  return CallOfPolicy.made(call);
}

/** What a request says that its program does. */
type Declared = Pick<CallRequest, 'effect' | 'indirectCalls'>;

/** What of a compiled program the rules look at. */
interface Judged extends Pick<CompiledCall, 'effect' | 'callees' | 'indirectCalls' | 'watches'> {
  readonly denies: readonly PlannedDeny[];
}

/** The part of an order that limits look at. */
type Limited = Pick<CallRequest, 'program' | 'policy' | 'timeoutMs' | 'fuel'>;

/**
 * Compares what a request states about itself with the host's policy, before its program is parsed: a host
 * that takes no large programs need not parse them. Throws POLICY_REFUSED naming the rule.
 */
export function checkLimits({ request }: { readonly request: Limited }, policy: HostPolicy): void {
  const programBytes = Buffer.byteLength(request.program);
  if (!policy.policies.includes(request.policy))
    throw refused('policies', `the approval policy ${request.policy} is not accepted here`);
  if (programBytes > policy.largestProgramBytes)
    throw refused('largestProgramBytes', `${programBytes} bytes are over ${policy.largestProgramBytes}`);
  if (request.timeoutMs > policy.longestTimeoutMs)
    throw refused('longestTimeoutMs', `${request.timeoutMs} ms are over ${policy.longestTimeoutMs}`);
  const { fuel = FUEL_DEFAULT } = request;
  if (fuel > policy.mostFuel) throw refused('mostFuel', `${fuel} turns of loops are over ${policy.mostFuel}`);
}

/**
 * The host's last word on a call, after the compiler has found out what it does and before anything is
 * loaded.
 *
 * Threats answered: a program that does more than its approvers were told (its real effect over the effect
 * that the request declares, which decided how many had to approve); approvers who are tricked or bought
 * (what this host's policy forbids stays forbidden, regardless of signatures). Throws POLICY_REFUSED naming
 * the rule, or APPROVALS_INSUFFICIENT for a module that nobody approved.
 */
export function permit(order: VerifiedOrder, compiled: CompiledCall, policy: HostPolicy): PermittedCall {
  if (!isVerifiedOrder(order)) throw new FarcallError('INTERNAL', 'an order reached permit unverified');
  checkLimits(order, policy);
  checkEffect(order.request, compiled, policy);
  for (const watch of compiled.watches) checkWatch(watch, policy);
  for (const deny of compiled.denies) checkDeny(deny, policy);
  checkIndirect(compiled, policy);
  checkApproved(order, compiled);
  checkScopes(order, compiled);
  for (const callee of compiled.callees) checkCallee(callee, policy);
  return new CallOfPolicy(order, compiled);
}

/**
 * Threat: a trust bundle may require no approval for a program that only reads, because such a program is
 * interpreted, and nothing of it enters the kernel. If this kernel's memory is closed, the program would be
 * loaded as a module instead, which is code in the kernel like any other. So a module takes at least one
 * approval, even if the bundle requires none.
 */
function checkApproved({ approvers }: VerifiedOrder, { image }: CompiledCall): void {
  if (image === undefined || approvers.length > 0) return;
  throw new FarcallError(
    'APPROVALS_INSUFFICIENT',
    'nobody approved this program, and on this host it would have to be loaded as a module, because the memory of the kernel is closed',
  );
}

function checkEffect(
  { effect: declared, indirectCalls: declaresIndirect }: Declared,
  { effect, callees, indirectCalls, watches }: Judged,
  { effects }: HostPolicy,
): void {
  if (indirectCalls.length > 0 && !declaresIndirect) {
    throw refused(
      'declared effect',
      'the program calls through pointers, but the request does not declare indirect calls',
    );
  }
  const calls = callees.length > 0 || indirectCalls.length > 0;
  const real = calls && exceedsEffect('call', effect) ? 'call' : effect;
  if (exceedsEffect(real, declared)) {
    throw refused(
      'declared effect',
      `the effect of the program is ${real}, but the request declares ${declared}`,
    );
  }
  if (!effects.includes(real)) throw refused('effects', `a ${real} is not allowed on this host`);
  if (calls && !effects.includes('call')) throw refused('effects', 'calls are not allowed on this host');
  if (watches.length > 0 && !effects.includes('watch'))
    throw refused('effects', 'watches are not allowed on this host');
}

/**
 * Threats: a watch on a function that the host cannot spare, or that shows what nobody may see; one that
 * stays for long; one that takes the time of a CPU at each of a million entries a second. A watched function
 * is judged by rules of its own, because what may be called is not what may be seen. The rate is part of the
 * signed program, and the module keeps to it.
 */
function checkWatch(
  { name, module = KERNEL_ITSELF, aliases = [], forMs, atMost }: CompiledCall['watches'][number],
  { probes, modules }: HostPolicy,
): void {
  if (probes.allow === 'none')
    throw refused('probes.allow', `${name} cannot be watched: this host takes no probes`);
  checkNames('probes.functions', { name, aliases }, probes.functions);
  checkName('modules', module, modules);
  if (forMs > probes.longestMs)
    throw refused('probes.longestMs', `${forMs} ms of a watch are over ${probes.longestMs}`);
  if (atMost > probes.mostPerSecond)
    throw refused('probes.mostPerSecond', `${atMost} runs a second are over ${probes.mostPerSecond}`);
}

/**
 * Threats: a deny of a function that this host cannot do without; one that outlives those who know of it.
 * What may be watched is not what may be denied, so denies have functions of their own.
 */
function checkDeny(
  { name, module = KERNEL_ITSELF, aliases = [], lifeMs }: PlannedDeny,
  { probes, modules }: HostPolicy,
): void {
  if (probes.allow !== 'deny')
    throw refused('probes.allow', `${name} cannot be denied: this host takes no denies`);
  const { functions, longestMs } = probes.denies;
  checkNames('probes.denies.functions', { name, aliases }, functions);
  checkName('modules', module, modules);
  if (lifeMs > longestMs)
    throw refused('probes.denies.longestMs', `${lifeMs} ms of a deny are over ${longestMs}`);
}

/**
 * Threat: what a pointer holds is known only while the program runs, so that neither an approver nor a list
 * of functions can judge it beforehand. A host that lets programs call through pointers says so by name; then
 * the module compares each pointer with the functions of {@link mayCallOf} before it is called.
 */
function checkIndirect(
  { indirectCalls }: Pick<CompiledCall, 'indirectCalls'>,
  { indirectCalls: rule }: HostPolicy,
): void {
  const first = indirectCalls[0];
  if (!first || rule === 'checked') return;
  const where = `line ${first.line}, column ${first.column}`;
  throw refused(
    'indirectCalls',
    `the program calls a pointer to ${first.prototype} (${where}), and this host refuses calls through pointers`,
  );
}

/**
 * The functions that a pointer may hold by this host's policy: those that `allow` and `deny` permit by name
 * and by module. A function with several names is permitted if `allow` has one of them and `deny` has none.
 */
export function mayCallOf({ indirectCalls, functions, modules }: HostPolicy): MayCall {
  const permits = ({ allow, deny }: NameRules, names: readonly string[]): boolean =>
    names.some(name => allow.some(pattern => globMatches(pattern, name))) &&
    !names.some(name => deny.some(pattern => globMatches(pattern, name)));
  const isOn = indirectCalls === 'checked';
  return {
    module: (module = KERNEL_ITSELF) => isOn && permits(modules, [module]),
    function: names => isOn && permits(functions, names),
  };
}

/**
 * Threat: one function has several names, such as `memcpy` and `__memcpy`. A function that is denied by one
 * of them is denied, whichever name the program uses.
 */
function checkCallee(
  { name, module = KERNEL_ITSELF, aliases = [] }: Pick<Callee, 'name' | 'module' | 'aliases'>,
  policy: HostPolicy,
): void {
  checkNames('functions', { name, aliases }, policy.functions);
  checkName('modules', module, policy.modules);
}

function checkNames(
  member: string,
  { name, aliases }: { readonly name: string; readonly aliases: readonly string[] },
  rules: NameRules,
): void {
  checkName(member, name, rules);
  for (const alias of aliases) {
    const denied = rules.deny.find(pattern => globMatches(pattern, alias));
    if (denied !== undefined)
      throw refused(`${member}.deny`, `${name} is also ${alias}, denied by '${denied}'`);
  }
}

/**
 * Every rule of this host's policy at which {@link permit} would refuse such a program, for a plan. It
 * permits nothing.
 */
export function predictRefusals(
  declared: Declared,
  compiled: Judged,
  policy: HostPolicy,
): readonly FarcallError[] {
  return [
    () => checkEffect(declared, compiled, policy),
    () => checkIndirect(compiled, policy),
    ...compiled.watches.map(watch => () => checkWatch(watch, policy)),
    ...compiled.denies.map(deny => () => checkDeny(deny, policy)),
    ...compiled.callees.map(callee => () => checkCallee(callee, policy)),
  ].flatMap(check => {
    try {
      check();
      return [];
    } catch (thrown) {
      return [toFarcallError(thrown)];
    }
  });
}

function checkName(member: string, name: string, { allow, deny }: NameRules): void {
  const denied = deny.find(pattern => globMatches(pattern, name));
  if (denied !== undefined) throw refused(`${member}.deny`, `${name} is denied by '${denied}'`);
  if (!allow.some(pattern => globMatches(pattern, name)))
    throw refused(`${member}.allow`, `no pattern allows ${name}`);
}

function refused(rule: string, why: string): FarcallError {
  return new FarcallError('POLICY_REFUSED', `this host's policy (${rule}): ${why}`);
}
