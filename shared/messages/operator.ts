import { z } from 'zod';
import { VALUES_LIMIT_BYTES } from '../library/index.ts';
import { LIBRARY_LIMIT_BYTES, PROGRAM_LIMIT_BYTES } from '../limits/index.ts';
import { OUTCOME_NAMES } from '../outcome/index.ts';
import { messageCodec } from './codec.ts';
import { bytes, compactToken, digest, epochMs, hostName, principalName, requestId } from './fields.ts';
import {
  EFFECTS,
  fuelField,
  indirectCallsField,
  POLICIES,
  parameterValuesField,
  rolloutFields,
  signedLibraryField,
  WAVES_LIMIT,
} from './request.ts';
import { resultEnvelopeSchema } from './result.ts';
import { ROLLOUT_STATES, WAVE_STATES } from './rollout-states.ts';

/**
 * The states of a request; `finished`, `expired` and `aborted` are final. `TRANSITIONS` in controller/store
 * lists every transition.
 *
 * - `pending`: waits for approvals. `rejected`: an approver rejected it and has not withdrawn the rejection.
 * - `approved`: has enough approvals. `dispatched`: is ordered.
 * - `aborting`: was ordered and then aborted; hosts that were ordered have neither answered nor said that
 *   they obey the abort. `aborted`: every host has its outcome.
 * - `finished`: was ordered, and every host has an outcome. `expired`: ended without being ordered.
 */
export const REQUEST_STATES = [
  'pending',
  'rejected',
  'approved',
  'dispatched',
  'aborting',
  'finished',
  'expired',
  'aborted',
] as const;

/** One of {@link REQUEST_STATES}. */
export type RequestState = (typeof REQUEST_STATES)[number];

/** The states in which every expected host has its outcome. */
export const FINAL_STATES: readonly RequestState[] = ['finished', 'expired', 'aborted'];

/** Longest life of a request: the limit of an order (shared/tokens, kind `order`). */
export const LIFETIME_LIMIT_MS = 7 * 24 * 3_600_000;

const count = z.int().min(0);

const callDraftSchema = z.object({
  program: z
    .string()
    .min(1, 'the program is empty')
    .refine(text => Buffer.byteLength(text) <= PROGRAM_LIMIT_BYTES, `at most ${PROGRAM_LIMIT_BYTES} bytes`),
  selector: z.string().min(1).max(4096),
  reason: z.string().trim().min(1, 'say why, for the approvers').max(4096),
  policy: z.enum(POLICIES),
  /** The least that the request declares; absent: what the controller derives from the program. */
  effect: z.enum(EFFECTS).optional(),
  ...indirectCallsField,
  ...signedLibraryField,
  lifetimeMs: z.int().min(1000, 'at least one second').max(LIFETIME_LIMIT_MS, 'at most seven days'),
  timeoutMs: z.int().min(1).max(3_600_000, 'at most one hour'),
  ...fuelField,
  ...parameterValuesField,
  ...rolloutFields,
  /** The plan that approvers will see. */
  planId: requestId.optional(),
});

/** What a requester submits. The controller makes a CallRequest from it. */
export type CallDraft = z.infer<typeof callDraftSchema>;

/** Codec of CallDraft. */
export const callDraftCodec = messageCodec(
  'CallDraft',
  callDraftSchema,
  PROGRAM_LIMIT_BYTES + LIBRARY_LIMIT_BYTES + VALUES_LIMIT_BYTES + 16_384,
);

/** Most kernels of which a {@link PreparedRequest} says that the program does not compile there. */
export const KERNEL_PROBLEMS_LIMIT = 16;

const kernelProblemSchema = z.object({ kernel: z.string().max(256), message: z.string().max(1024) });

/** Why a program does not compile on one kernel, which has a name such as `6.12.48 x86_64`. */
export type KernelProblem = z.infer<typeof kernelProblemSchema>;

/** Most locked hosts that a {@link PreparedRequest} names. */
export const LOCKED_HOSTS_LIMIT = 16;

const lockedHostSchema = z.object({ host: z.string().max(256), reason: z.string().max(1024) });

/** A host that gets no orders, and the reason of its lock. */
export type LockedHost = z.infer<typeof lockedHostSchema>;

const preparedRequestSchema = z.object({
  request: bytes,
  /** There are some if the program compiles on none of the kernels that the controller looked at. */
  problems: z.array(kernelProblemSchema).max(KERNEL_PROBLEMS_LIMIT),
  /** How many hosts the selector matches that are left out because they are locked. */
  lockedHosts: count,
  /** The first of them, by name. */
  locked: z.array(lockedHostSchema).max(LOCKED_HOSTS_LIMIT),
});

/** The bytes of a request that its requester has not signed yet, and what speaks against it. */
export type PreparedRequest = z.infer<typeof preparedRequestSchema>;

/** Codec of PreparedRequest. */
export const preparedRequestCodec = messageCodec(
  'PreparedRequest',
  preparedRequestSchema,
  PROGRAM_LIMIT_BYTES + LIBRARY_LIMIT_BYTES + 65_536,
);

/** Codec of RequestSubmission: the bytes of a request, and its requester's farcall-request+jwt. */
export const requestSubmissionCodec = messageCodec(
  'RequestSubmission',
  z.object({ request: bytes, token: compactToken }),
  PROGRAM_LIMIT_BYTES + LIBRARY_LIMIT_BYTES + 32_768,
);

/** Codec of RequestRef: names a request by its id. */
export const requestRefCodec = messageCodec('RequestRef', z.object({ id: requestId }), 256);

/** Schema of {@link OutcomeCount}. */
export const outcomeCountSchema = z.object({ outcome: z.enum(OUTCOME_NAMES), hosts: count });

/** How many hosts ended in one outcome. */
export type OutcomeCount = z.infer<typeof outcomeCountSchema>;

const kernelGroupSchema = z.object({
  kernelRelease: z.string().max(128),
  arch: z.string().max(32),
  hosts: count,
  examples: z.array(hostName).max(64),
});

/** Expected hosts of a request that run one kernel. */
export type KernelGroup = z.infer<typeof kernelGroupSchema>;

const decisionViewSchema = z.object({
  approver: principalName,
  decision: z.enum(['approve', 'reject']),
  reason: z.string().max(1024),
  atMs: epochMs,
  withdrawn: z.boolean(),
  token: compactToken,
});

/** The decision of an approver about a request, as the controller stores it. */
export type DecisionView = z.infer<typeof decisionViewSchema>;

const hostNamesSchema = z.object({ hosts: count, names: z.array(hostName).max(64) });

const abortViewSchema = z.object({
  by: principalName,
  reason: z.string().max(1024),
  atMs: epochMs,
  endedAtMs: epochMs.optional(),
  obeyed: count,
  silent: hostNamesSchema,
  running: hostNamesSchema,
});

/** An abort, and how far it has come among the hosts of its request. */
export type AbortView = z.infer<typeof abortViewSchema>;

const waveViewSchema = z.object({
  number: z.int().min(1),
  state: z.enum(WAVE_STATES),
  hosts: count,
  outcomes: z.array(outcomeCountSchema),
  failed: count,
  unhealthy: count,
  startedAtMs: epochMs.optional(),
  answerByMs: epochMs.optional(),
  bakeUntilMs: epochMs.optional(),
  endedAtMs: epochMs.optional(),
});

/** How far one wave is. */
export type WaveView = z.infer<typeof waveViewSchema>;

const rolloutViewSchema = z.object({
  state: z.enum(ROLLOUT_STATES),
  attempt: count,
  waves: z.array(waveViewSchema).max(WAVES_LIMIT),
  reason: z.string().max(1024),
});

/** How far a rollout is. */
export type RolloutView = z.infer<typeof rolloutViewSchema>;

/** Verdicts of a review: `accept`, it was an emergency; `object`, it was none. */
export const REVIEW_VERDICTS = ['accept', 'object'] as const;

const emergencyViewSchema = z.object({
  begunAtMs: epochMs,
  dueAtMs: epochMs,
  reviewers: count,
  reviewedAtMs: epochMs.optional(),
  reviews: z.array(
    z.object({
      reviewer: principalName,
      verdict: z.enum(REVIEW_VERDICTS),
      reason: z.string(),
      atMs: epochMs,
    }),
  ),
});

/** How far the review of an emergency is. */
export type EmergencyView = z.infer<typeof emergencyViewSchema>;

const requestViewSchema = z.object({
  request: bytes,
  state: z.enum(REQUEST_STATES),
  approvers: z.array(principalName),
  threshold: count,
  kernels: z.array(kernelGroupSchema),
  outcomes: z.array(outcomeCountSchema),
  expectedHosts: count,
  decisions: z.array(decisionViewSchema),
  abort: abortViewSchema.optional(),
  rollout: rolloutViewSchema.optional(),
  emptySeats: z.array(principalName).max(64),
  emergency: emergencyViewSchema.optional(),
  limited: z.array(z.object({ name: principalName, reason: z.string().max(8192) })).max(64),
});

/** A request as the controller stores it. Approvers sign only the bytes in `request`. */
export type RequestView = z.infer<typeof requestViewSchema>;

/** Codec of RequestView. */
export const requestViewCodec = messageCodec('RequestView', requestViewSchema);

const requestsQuerySchema = z.object({
  limit: z.int().min(1).max(500),
  requester: principalName.optional(),
  states: z.array(z.enum(REQUEST_STATES)).max(REQUEST_STATES.length).optional(),
  sinceMs: epochMs.optional(),
});

/** A filter of requests; absent and empty members match all. */
export type RequestsQuery = z.infer<typeof requestsQuerySchema>;

/** Codec of RequestsQuery. */
export const requestsQueryCodec = messageCodec('RequestsQuery', requestsQuerySchema, 512);

const requestSummarySchema = z.object({
  id: requestId,
  /** SHA-256 of the bytes that people sign. */
  digest,
  state: z.enum(REQUEST_STATES),
  requester: principalName,
  selector: z.string(),
  effect: z.enum(EFFECTS),
  ...indirectCallsField,
  reason: z.string(),
  createdAtMs: epochMs,
  expiresAtMs: epochMs,
  expectedHosts: count,
  outcomes: z.array(outcomeCountSchema),
  rolloutState: z.enum(ROLLOUT_STATES),
});

/** A request in a list. */
export type RequestSummary = z.infer<typeof requestSummarySchema>;

/** Codec of RequestList: 500 summaries of at most 8 KiB of selector and reason each. */
export const requestListCodec = messageCodec(
  'RequestList',
  z.object({ requests: z.array(requestSummarySchema).max(500) }),
  8 << 20,
);

const tokenSubmissionSchema = z.object({ id: requestId, token: compactToken });

/** Codec of ApprovalSubmission: an approver's decision on its way to the controller. */
export const approvalSubmissionCodec = messageCodec('ApprovalSubmission', tokenSubmissionSchema, 16_384);

/** Codec of WithdrawalSubmission: an approver withdraws a decision. */
export const withdrawalSubmissionCodec = messageCodec('WithdrawalSubmission', tokenSubmissionSchema, 16_384);

/** Codec of AbortSubmission: a person stops a request. */
export const abortSubmissionCodec = messageCodec('AbortSubmission', tokenSubmissionSchema, 16_384);

/** Codec of ReviewSubmission: a person reviews an emergency. */
export const reviewSubmissionCodec = messageCodec('ReviewSubmission', tokenSubmissionSchema, 16_384);

/** Codec of EmergenciesQuery: which emergencies lack reviews? */
export const emergenciesQueryCodec = messageCodec('EmergenciesQuery', z.object({}), 16);

/** Most emergencies that a reply lists. */
export const EMERGENCIES_LIMIT = 200;

const emergencyListSchema = z.object({
  emergencies: z
    .array(
      z.object({
        request: requestSummarySchema,
        approvers: z.array(principalName),
        emergency: emergencyViewSchema,
      }),
    )
    .max(EMERGENCIES_LIMIT),
});

/** Emergencies that lack reviews, the one that is due first before others. */
export type EmergencyList = z.infer<typeof emergencyListSchema>;

/** Codec of EmergencyList. */
export const emergencyListCodec = messageCodec('EmergencyList', emergencyListSchema, 8 << 20);

/** Codec of ActionSubmission: a person pauses, resumes, promotes or retries a rollout. */
export const actionSubmissionCodec = messageCodec('ActionSubmission', tokenSubmissionSchema, 16_384);

/** Codec of WatchQuery: the request to watch, and whether to wait for changes. */
export const watchQueryCodec = messageCodec(
  'WatchQuery',
  z.object({ id: requestId, follow: z.boolean() }),
  256,
);

/** Schema of {@link HostReport}. */
export const hostReportSchema = z.object({
  host: hostName,
  kernelRelease: z.string().max(128),
  arch: z.string().max(32),
  outcome: z.enum(OUTCOME_NAMES).optional(),
  result: resultEnvelopeSchema.optional(),
  lateResult: resultEnvelopeSchema.optional(),
  wave: z.int().min(0),
  attempt: z.int().min(0),
  unhealthy: z.string().max(1024).optional(),
});

/** The status of one expected host of a request. */
export type HostReport = z.infer<typeof hostReportSchema>;

const requestEventSchema = z
  .object({ request: requestViewSchema.optional(), host: hostReportSchema.optional() })
  .refine(
    event => (event.request === undefined) !== (event.host === undefined),
    'an event has exactly one member',
  );

/** A state or a change that a watcher of a request receives. */
export type RequestEvent = z.infer<typeof requestEventSchema>;

/** Codec of {@link RequestEvent}; a report can contain two results of the largest size. */
export const requestEventCodec = messageCodec('RequestEvent', requestEventSchema, 3 << 20);
