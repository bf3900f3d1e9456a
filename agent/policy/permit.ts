import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { globMatches } from '../../shared/glob/index.ts';
import { type CallRequest, type Effect, exceedsEffect } from '../../shared/messages/index.ts';
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

/** The part of an order that limits look at. */
type Limited = Pick<CallRequest, 'program' | 'policy' | 'timeoutMs'>;

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
  checkEffect(order.request.effect, compiled, policy);
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
  declared: Effect,
  { effect, callees }: Pick<CompiledCall, 'effect' | 'callees'>,
  { effects }: HostPolicy,
): void {
  const real = callees.length > 0 && effect === 'read' ? 'call' : effect;
  if (exceedsEffect(real, declared)) {
    throw refused(
      'declared effect',
      `the effect of the program is ${real}, but the request declares ${declared}`,
    );
  }
  if (!effects.includes(real)) throw refused('effects', `a ${real} is not allowed on this host`);
  if (callees.length > 0 && !effects.includes('call'))
    throw refused('effects', 'calls are not allowed on this host');
}

function checkCallee(
  { name, module = KERNEL_ITSELF }: Pick<Callee, 'name' | 'module'>,
  policy: HostPolicy,
): void {
  checkName('functions', name, policy.functions);
  checkName('modules', module, policy.modules);
}

/**
 * Every rule of this host's policy at which {@link permit} would refuse such a program, for a plan. It
 * permits nothing.
 */
export function predictRefusals(
  declared: Effect,
  compiled: Pick<CompiledCall, 'effect' | 'callees'>,
  policy: HostPolicy,
): readonly FarcallError[] {
  return [
    () => checkEffect(declared, compiled, policy),
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
