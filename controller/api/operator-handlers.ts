import { FarcallError } from '../../shared/errors/index.ts';
import type { ConsoleAddress, HostView, RolloutActionName } from '../../shared/messages/index.ts';
import { type SubmitAbortDeps, submitAbort } from '../abort/index.ts';
import { type SubmitApprovalDeps, submitApproval, withdrawApproval } from '../approval/index.ts';
import { followAudit, listAudit, type SubmitStatementDeps, submitStatement } from '../audit/index.ts';
import type { HostBudgets } from '../bus/index.ts';
import {
  type EmergencyDeps,
  listEmergencies,
  type SubmitReviewDeps,
  submitReview,
} from '../emergency/index.ts';
import type { HostManagement } from '../enrolment/index.ts';
import type { HostClocks } from '../gather/index.ts';
import {
  type CheckProgramDeps,
  checkOnKernels,
  completeOnKernel,
  type ListFunctionsDeps,
  listFunctions,
  listKernels,
} from '../kernels/index.ts';
import type { LockManagement } from '../locks/index.ts';
import type { Logger } from '../log/index.ts';
import { findPlan, type MakePlanDeps, makePlan } from '../plan/index.ts';
import { listReport, reportRequest, type WatchDeps, watchRequest } from '../report/index.ts';
import {
  type CreateRequestDeps,
  createRequest,
  listRequests,
  prepareRequest,
  selectHosts,
  viewRequest,
} from '../requests/index.ts';
import { type SubmitActionDeps, submitAction } from '../rollout/index.ts';
import { listRows, type RowsDeps } from '../rows/index.ts';
import type { OPERATOR_METHODS, OperatorMethodName, ReplyOf, RequestOf } from '../rpc/index.ts';
import { controllerStatus, type StatusDeps } from '../status/index.ts';
import type {
  AbortStore,
  ApprovalStore,
  AuditStore,
  EmergencyStore,
  HostRecord,
  PlanStore,
  RequestStore,
  RolloutStore,
} from '../store/index.ts';
import { type TrustAnswerDeps, type TrustRegistry, trustAfter } from '../trust/index.ts';
import type { Caller } from './authenticate.ts';

/** Inputs of the operator methods, by reference; owned by the caller. */
export interface OperatorDeps
  extends CreateRequestDeps,
    SubmitApprovalDeps,
    SubmitAbortDeps,
    SubmitActionDeps,
    WatchDeps,
    RowsDeps,
    TrustAnswerDeps,
    MakePlanDeps,
    ListFunctionsDeps,
    CheckProgramDeps,
    EmergencyDeps,
    StatusDeps,
    SubmitReviewDeps,
    SubmitStatementDeps {
  readonly emergencies: EmergencyStore;
  readonly plans: PlanStore;
  readonly registry: TrustRegistry;
  readonly requests: RequestStore;
  readonly approvals: ApprovalStore;
  readonly audit: Pick<AuditStore, 'page' | 'head'>;
  /** The newest checkpoint of the audit log. */
  readonly newestCheckpoint: () => string | undefined;
  readonly aborts: AbortStore;
  readonly rollouts: RolloutStore;
  readonly hostBudgets: Pick<HostBudgets, 'overBudget'>;
  readonly hostClocks: HostClocks;
  readonly log: Logger;
  readonly management: HostManagement;
  readonly lockManagement: LockManagement;
  /** Issues a code for signing in at the console; undefined if this controller has no console. */
  readonly issueConsoleCode: IssueConsoleCode | undefined;
  /** Moves a request on as far as it can go by now. */
  readonly advance: (requestId: string) => Promise<void>;
}

/** Issues a code that signs this operator in at the console, once, as the holder of that key. */
export type IssueConsoleCode = (operator: {
  readonly person: string;
  readonly kid: string;
}) => Promise<ConsoleAddress>;

/** One method. It is called with an authenticated caller; `signal` is aborted when the caller disconnects. */
export type OperatorHandler<N extends OperatorMethodName> = (
  request: RequestOf<N>,
  caller: Caller,
  signal: AbortSignal,
) => (typeof OPERATOR_METHODS)[N]['streams'] extends true ? AsyncIterable<ReplyOf<N>> : Promise<ReplyOf<N>>;

/** All methods of the operator API. */
export type OperatorHandlers = { readonly [N in OperatorMethodName]: OperatorHandler<N> };

/** The methods of the operator API on the services of the controller. */
export function operatorHandlers(deps: OperatorDeps): OperatorHandlers {
  return {
    ...requestHandlers(deps),
    ...rolloutHandlers(deps),
    ...reportHandlers(deps),
    ...auditHandlers(deps),
    ...trustHandlers(deps),
    ...hostHandlers(deps),
    ...lockHandlers(deps),
    ...kernelHandlers(deps),
    getStatus: query => controllerStatus(deps, query),
  };
}

type Handlers<N extends OperatorMethodName> = Pick<OperatorHandlers, N>;

/** Moves a request on as far as it can go, and shows it. */
async function advanced(deps: OperatorDeps, id: string) {
  await deps.advance(id);
  return viewRequest(deps, await deps.requests.get(id));
}

function requestHandlers(
  deps: OperatorDeps,
): Handlers<
  | 'prepareRequest'
  | 'createRequest'
  | 'planCall'
  | 'getPlan'
  | 'getRequest'
  | 'listRequests'
  | 'submitApproval'
  | 'withdrawApproval'
  | 'abortRequest'
  | 'submitReview'
  | 'listEmergencies'
> {
  const { log } = deps;
  return {
    prepareRequest: (draft, { name }) => prepareRequest(deps, name, draft),
    async createRequest({ request: bytes, token }, { name: submittedBy }) {
      const id = await createRequest(deps, { bytes, token, submittedBy });
      log.info({ request: id, requester: submittedBy }, 'request created');
      return advanced(deps, id);
    },
    planCall: (draft, { name: requester }, signal) => makePlan(deps, draft, { requester, signal }),
    getPlan: ref => findPlan(deps, ref),
    getRequest: async ({ id }) => viewRequest(deps, await deps.requests.get(id)),
    listRequests: async query => ({ requests: [...(await listRequests(deps, query))] }),
    async submitApproval({ id, token }, { name: submittedBy }) {
      await submitApproval(deps, { requestId: id, token, submittedBy });
      log.info({ request: id, submittedBy }, 'decision accepted');
      return advanced(deps, id);
    },
    async withdrawApproval({ id, token }, { name: submittedBy }) {
      await withdrawApproval(deps, { requestId: id, token, submittedBy });
      log.info({ request: id, submittedBy }, 'decision withdrawn');
      return advanced(deps, id);
    },
    async submitReview({ id, token }, { name: submittedBy }) {
      await submitReview(deps, { requestId: id, token, submittedBy });
      log.info({ request: id, submittedBy }, 'emergency reviewed');
      return viewRequest(deps, await deps.requests.get(id));
    },
    listEmergencies: () => listEmergencies(deps),
    async abortRequest({ id, token }, { name: submittedBy }) {
      await submitAbort(deps, { requestId: id, token, submittedBy });
      log.warn({ request: id, submittedBy }, 'request aborted');
      return advanced(deps, id);
    },
  };
}

const ACTED = {
  pause: 'rollout paused',
  resume: 'rollout resumed',
  promote: 'rollout promoted',
  retry: 'request retried',
} as const satisfies Record<RolloutActionName, string>;

function rolloutHandlers(deps: OperatorDeps): Handlers<'submitAction'> {
  return {
    async submitAction({ id, token }, { name: submittedBy }) {
      const action = await submitAction(deps, { requestId: id, token, submittedBy });
      deps.log.info({ request: id, submittedBy }, ACTED[action]);
      return advanced(deps, id);
    },
  };
}

function reportHandlers(
  deps: OperatorDeps,
): Handlers<'watchRequest' | 'getReport' | 'listReport' | 'listRows'> {
  return {
    watchRequest: ({ id, follow }, _caller, signal) => watchRequest(deps, { id, follow, signal }),
    getReport: query => reportRequest(deps, query),
    listReport: (query, _caller, signal) => listReport(deps, { ...query, signal }),
    listRows: (query, _caller, signal) => listRows(deps, { ...query, signal }),
  };
}

function auditHandlers(deps: OperatorDeps): Handlers<'listAudit' | 'getCheckpoint' | 'submitStatement'> {
  return {
    async getCheckpoint() {
      const checkpoint = deps.newestCheckpoint();
      return checkpoint === undefined ? {} : { checkpoint };
    },
    async submitStatement({ token }, { name: submittedBy }) {
      await submitStatement(deps, { token, submittedBy });
      return {};
    },
    listAudit: (query, _caller, signal) =>
      query.follow ? followAudit(deps, query, signal) : listAudit(deps, query, signal),
  };
}

function trustHandlers(deps: OperatorDeps): Handlers<'getTrust' | 'publishTrust' | 'openConsole'> {
  return {
    getTrust: ({ afterVersion }) => trustAfter(deps, afterVersion),
    async publishTrust(signed) {
      const newly = await deps.registry.publish(signed);
      return { version: deps.registry.newest()?.bundle.version ?? 0, newly };
    },
    async openConsole(_query, { name: person, kid }) {
      if (deps.issueConsoleCode) return deps.issueConsoleCode({ person, kid });
      throw new FarcallError(
        'CONFLICT',
        'this controller has no console; "console" in its configuration makes one',
      );
    },
  };
}

function hostHandlers(
  deps: OperatorDeps,
): Handlers<
  | 'listHosts'
  | 'createEnrolment'
  | 'listEnrolments'
  | 'revokeEnrolment'
  | 'getHostRemoval'
  | 'removeHost'
  | 'getHostLabels'
  | 'signHostLabels'
  | 'acceptHost'
> {
  const { management } = deps;
  return {
    async *listHosts({ selector }) {
      const removals = await management.proposedRemovals();
      const labels = await management.proposedLabels();
      for (const { record } of selectHosts(selector, await deps.hosts.all()))
        yield {
          ...hostView(record, deps),
          removalSigners: signersIn(removals, record.host),
          labelSigners: signersIn(labels, record.host),
        };
    },
    createEnrolment: (submission, caller) => management.create(submission, caller.name),
    listEnrolments: async () => ({ enrolments: await management.list() }),
    revokeEnrolment: (revocation, caller) => management.revoke(revocation, caller.name),
    getHostRemoval: ({ host }) => management.removal(host),
    removeHost: (submission, caller) => management.remove(submission, caller.name),
    getHostLabels: ({ host }) => management.labels(host),
    signHostLabels: (submission, caller) => management.label(submission, caller.name),
    acceptHost: (submission, caller) => management.accept(submission, caller.name),
  };
}

function lockHandlers({ lockManagement }: OperatorDeps): Handlers<'lock' | 'unlock' | 'listLocks'> {
  return {
    lock: (submission, caller) => lockManagement.lock(submission, caller.name),
    unlock: (submission, caller) => lockManagement.unlock(submission, caller.name),
    listLocks: async () => ({ locks: [...lockManagement.list()] }),
  };
}

function kernelHandlers(
  deps: OperatorDeps,
): Handlers<'listKernels' | 'listFunctions' | 'checkProgram' | 'completeProgram'> {
  return {
    listKernels: query => listKernels(deps, query),
    listFunctions: query => listFunctions(deps, query),
    checkProgram: query => checkOnKernels(deps, query),
    completeProgram: query => completeOnKernel(deps, query),
  };
}

function signersIn(signers: ReadonlyMap<string, readonly string[]>, host: string): string[] {
  return [...(signers.get(host) ?? [])];
}

function hostView(
  record: HostRecord,
  { hostBudgets, hostClocks }: Pick<OperatorDeps, 'hostBudgets' | 'hostClocks'>,
): Omit<HostView, 'removalSigners' | 'labelSigners'> {
  const { host, facts, kid, labels, labelsNumber, firstSeenMs, lastSeenMs, trust, lockReason, hold } = record;
  const clockOffsetMs = hostClocks.wrong(host);
  return {
    ...{ facts, kid, labels: { ...labels }, labelsNumber },
    ...{ firstSeenAtMs: firstSeenMs, lastSeenAtMs: lastSeenMs },
    droppedMessages: hostBudgets.overBudget(host)?.dropped ?? 0,
    ...(clockOffsetMs !== undefined && { clockOffsetMs }),
    ...(lockReason !== undefined && { lockReason }),
    ...(hold && { hold }),
    ...(trust && {
      trust: {
        version: trust.trustVersion,
        confirmedAtMs: trust.trustConfirmedAtMs,
        newerVersion: trust.newerTrustVersion,
      },
    }),
  };
}
