import { FarcallError } from '../../shared/errors/index.ts';
import { isPermittedCall, type PermittedCall } from '../policy/index.ts';
import type { CompiledCall } from '../stages/index.ts';
import type { VerifiedOrder } from '../verify/index.ts';

/** Only the type is exported: only the journal makes one, by {@link journaledCall}. */
class CallOfJournal {
  readonly #made = true;
  readonly order: VerifiedOrder;
  readonly compiled: CompiledCall;

  constructor({ order, compiled }: PermittedCall) {
    this.order = order;
    this.compiled = compiled;
  }

  static made(value: object): boolean {
    return #made in value;
  }
}

/**
 * A permitted call whose intent the journal has on the disk. Nothing else may be loaded: if the journal does
 * not have a call, nobody can tell afterwards whether it ran.
 */
export type JournaledCall = CallOfJournal;

/** Whether `call` was made by the journal. */
export function isJournaledCall(call: object): boolean {
  return CallOfJournal.made(call);
}

/** For the journal only: marks `call` as recorded. Not listed in the door of this folder. */
export function journaledCall(call: PermittedCall): JournaledCall {
  if (!isPermittedCall(call))
    throw new FarcallError('INTERNAL', 'a call reached the journal without permission');
  return new CallOfJournal(call);
}
