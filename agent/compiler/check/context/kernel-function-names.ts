import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from './check-context.ts';

/**
 * Refuses a name that a program gives to something of its own if a function of this kernel has that name.
 *
 * Threat: a program with a function `audit_log_end` of its own that does nothing, or with a pointer `printk`
 * that holds `panic`. An approver who reads the call below it takes it for the kernel's. So a program names
 * neither functions, types nor enumerators so, and calls no variable of such a name. The library may, since
 * approvers' tools say that it is the released text.
 */
export function refuseFunctionName(context: CheckContext, what: string, name: string, at: Offset): void {
  if (context.isLibrary || !context.names.isFunction(name)) return;
  const message = `'${name}' is a function of this kernel, and ${what} of that name would be taken for it; choose another name`;
  throw context.diagnostics.typeError(at, message);
}
