import type { OperatorMethodName } from '../rpc/index.ts';
import type { OperatorRole } from '../trust/index.ts';

/** Who may call a method: `anybody`, without a token, or who has one of these roles. */
export type Permission = 'anybody' | readonly OperatorRole[];

/** Who may call which method. A method that is not here does not compile. */
export const PERMISSIONS: Readonly<Record<OperatorMethodName, Permission>> = {
  /** The bytes to sign for a call; nothing is kept. */
  prepareRequest: ['requester'],
  /** Asking for a call, by the requester's own signature; it still needs the approvers. */
  createRequest: ['requester'],
  /** Asking hosts what a program would do: they read no memory for it, unless their own policy lets them. */
  planCall: ['requester'],
  /** Reading what they said. */
  getPlan: ['requester', 'approver'],
  /** Reading one request with its program: anyone who may ask or must decide. */
  getRequest: ['requester', 'approver'],
  /** Reading the list of requests. */
  listRequests: ['requester', 'approver'],
  /** Handing in an approval or rejection; whether it counts is decided by its own signature. */
  submitApproval: ['approver'],
  /** Taking one's own decision back; whose it is is decided by the withdrawal's own signature. */
  withdrawApproval: ['approver'],
  /** Stopping a request; whether this person may stop this one is decided by the abort's own signature. */
  abortRequest: ['requester', 'approver'],
  /** Reviewing an emergency; whether this person may review this one is decided by who was in it. */
  submitReview: ['approver'],
  /** Reading which emergencies lack reviews. */
  listEmergencies: ['requester', 'approver'],
  /**
   * Halting a rollout, letting it go on, sending its next wave, and having hosts try again: anyone who may
   * ask or decide, by their own signature. None of these runs anything that approvers did not sign, and none
   * passes a failed gate over.
   */
  submitAction: ['requester', 'approver'],
  /** Reading results while they come in. */
  watchRequest: ['requester', 'approver'],
  /** Reading results, counted or one by one. */
  getReport: ['requester', 'approver'],
  listReport: ['requester', 'approver'],
  listRows: ['requester', 'approver'],
  /** Reading the facts of the fleet, to know what a selector means. */
  listHosts: ['requester', 'approver'],
  /** Reading what happened; digests and names, no programs and no results. */
  listAudit: ['requester', 'approver'],
  /** Reading what a controller has signed of the log, and saying, signed, how far one has verified it. */
  getCheckpoint: ['requester', 'approver'],
  submitStatement: ['requester', 'approver'],
  /**
   * Reading the trust bundle. Threat: it tells anyone who reaches the API who may approve. Every host is told
   * the same, and where it is expired nobody could be authenticated who is to mend it.
   */
  getTrust: 'anybody',
  /** Handing in a trust bundle: the signatures of the roots decide, and they are checked anyone who calls. */
  publishTrust: 'anybody',
  /** A code that signs its caller in at the console, under the caller's own name. */
  openConsole: ['requester', 'approver'],
  /**
   * Deciding which machines are hosts, and with which labels. An approver's matter: anyone who signs a
   * request for `env=prod` answers for what that means. A requester must not be able to widen their own
   * request. Whose permission it is, is decided by the signature in it.
   */
  createEnrolment: ['approver'],
  listEnrolments: ['requester', 'approver'],
  revokeEnrolment: ['approver'],
  /** Reading who has signed for the removal of a host. */
  getHostRemoval: ['requester', 'approver'],
  /** Handing in a signature for a removal; whether it counts is decided by the signature itself. */
  removeHost: ['approver'],
  /** Reading the labels of a host, and who has signed for other ones. */
  getHostLabels: ['requester', 'approver'],
  /** Handing in a signature for labels; whether it counts is decided by the signature itself. */
  signHostLabels: ['approver'],
  /**
   * Taking rights away at once, and giving back what a lock took. Locking gives nobody anything; unlocking
   * gives back no more than the trust bundle says, and a locked approver can call nothing.
   */
  lock: ['approver'],
  unlock: ['approver'],
  listLocks: ['requester', 'approver'],
  /**
   * Letting a host go on whose journal went back, or that exists twice: a request may then run a second time
   * there, which approvers answer for.
   */
  acceptHost: ['approver'],
  /**
   * Reading what the fleet's kernels have, and checking a program against it: nothing reaches a host by it
   * that was not asked before.
   */
  listKernels: ['requester', 'approver'],
  listFunctions: ['requester', 'approver'],
  checkProgram: ['requester', 'approver'],
  completeProgram: ['requester', 'approver'],
  /** Reading what this controller cannot do now: people who wait must know for what. */
  getStatus: ['requester', 'approver'],
};

/**
 * The methods that change nothing, neither in the store nor on a host. They work while the store can be read
 * and not written.
 */
export const READING: ReadonlySet<OperatorMethodName> = new Set<OperatorMethodName>([
  'prepareRequest',
  'getPlan',
  'getRequest',
  'listRequests',
  'listEmergencies',
  'watchRequest',
  'getReport',
  'listReport',
  'listRows',
  'listHosts',
  'listAudit',
  'listEnrolments',
  'listLocks',
  'listKernels',
  'listFunctions',
  'checkProgram',
  'completeProgram',
  'getStatus',
]);

/**
 * The methods that work under a trust bundle that has expired: reading, and stopping a request, which hosts
 * obey under an expired bundle as well.
 */
export const WITHOUT_FRESH_TRUST: ReadonlySet<OperatorMethodName> = new Set<OperatorMethodName>([
  ...READING,
  'abortRequest',
]);
