import type { OperatorMethodName } from '../rpc/index.ts';
import type { OperatorRole } from '../trust/index.ts';

/** Which roles may call a method: one of them is enough. A method that is not here does not compile. */
export const PERMISSIONS: Readonly<Record<OperatorMethodName, readonly OperatorRole[]>> = {
  /** Asking for a call; it still needs the approvers. */
  createRequest: ['requester'],
  /** Reading one request with its program: whoever may ask or must decide. */
  getRequest: ['requester', 'approver'],
  /** Reading the list of requests. */
  listRequests: ['requester', 'approver'],
  /** Handing in an approval; whether it counts is decided by its own signature. */
  submitApproval: ['approver'],
  /** Reading results while they come in. */
  watchRequest: ['requester', 'approver'],
  /** Reading the facts of the fleet, to know what a selector means. */
  listHosts: ['requester', 'approver'],
  /**
   * Deciding which machines are hosts, and with which labels. An approver's matter: whoever signs a request for
   * `env=prod` answers for what that means. Who only asks must not widen what he asks for.
   */
  createEnrolment: ['approver'],
  listEnrolments: ['requester', 'approver'],
  revokeEnrolment: ['approver'],
  removeHost: ['approver'],
};
