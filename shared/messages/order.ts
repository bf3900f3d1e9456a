import { z } from 'zod';
import { LIBRARY_LIMIT_BYTES, PROGRAM_LIMIT_BYTES } from '../limits/index.ts';
import { messageCodec } from './codec.ts';
import { labelsStatementSchema } from './enrolment.ts';
import {
  bundleStatementToken,
  bytes,
  checkpointToken,
  compactToken,
  digest,
  epochMs,
  hostName,
  labelsNumber,
} from './fields.ts';

/** Most changes of labels in one OrdersReply: the newest ones. */
export const LABELS_IN_REPLY = 8;

const orderEnvelopeSchema = z.object({
  request: bytes,
  approvals: z.array(compactToken).max(64),
  order: compactToken,
  withdrawals: z.array(compactToken).max(64),
  /** The requester's farcall-request+jwt. */
  requestToken: compactToken,
});

/** One wave's order on its way to the hosts. It is not trusted until `agent/verify` has verified it. */
export type OrderEnvelope = z.infer<typeof orderEnvelopeSchema>;

/** Codec of OrderEnvelope. */
export const orderEnvelopeCodec = messageCodec('OrderEnvelope', orderEnvelopeSchema);

const abortEnvelopeSchema = z.object({ request: bytes, abort: compactToken });

/** An abort on its way to the hosts. It is not trusted until `agent/verify` has verified it. */
export type AbortEnvelope = z.infer<typeof abortEnvelopeSchema>;

/** Codec of AbortEnvelope. */
export const abortEnvelopeCodec = messageCodec(
  'AbortEnvelope',
  abortEnvelopeSchema,
  PROGRAM_LIMIT_BYTES + LIBRARY_LIMIT_BYTES + 32_768,
);

/**
 * How far the call of an aborted request is on a host, by its journal. `not-begun`: nothing of it ran or may
 * have, and nothing will. `running`: it runs, and its result follows. `ended`: it ran or may have, and the
 * result says so.
 */
export const ABORTED_PROGRESS = ['not-begun', 'running', 'ended'] as const;

/** One of {@link ABORTED_PROGRESS}. */
export type AbortedProgress = (typeof ABORTED_PROGRESS)[number];

/** Codec of AbortStatement: a host says that it obeys an abort. */
export const abortStatementCodec = messageCodec(
  'AbortStatement',
  z.object({
    host: hostName,
    requestDigest: digest,
    progress: z.enum(ABORTED_PROGRESS),
    observedAtMs: epochMs,
  }),
  512,
);

/** Codec of SignedAbortStatement. */
export const signedAbortStatementCodec = messageCodec(
  'SignedAbortStatement',
  z.object({ statement: bytes, signature: compactToken }),
  16_384,
);

/**
 * Codec of OrdersQuery: a host says how far its journal has come, and asks for the open orders that it
 * missed.
 */
export const ordersQueryCodec = messageCodec(
  'OrdersQuery',
  z.object({
    ...{ host: hostName, journal: bytes, signature: compactToken },
    /** The change of labels that this host took last; 0 if it has those of its enrolment. */
    labelsNumber,
  }),
  16_384,
);

/** Codec of OrdersReply: open orders, and aborts of their requests. */
export const ordersReplyCodec = messageCodec(
  'OrdersReply',
  z.object({
    orders: z.array(orderEnvelopeSchema).max(256),
    aborts: z.array(abortEnvelopeSchema).max(256),
    /** The controller's newest checkpoint of its audit log; absent if it has none. */
    checkpoint: checkpointToken.optional(),
    /** A farcall-freshness+jwt: which trust bundle is the newest. */
    freshness: bundleStatementToken.optional(),
    /** farcall-admission+jwt; absent if the host may run nothing, and `held` says why. */
    admission: compactToken.optional(),
    held: z.string().max(1024),
    /** Changes of labels that the host has not taken yet, in their order. */
    labels: z.array(labelsStatementSchema).max(LABELS_IN_REPLY),
  }),
);
