import { z } from 'zod';
import { messageCodec } from './codec.ts';
import { checkpointToken, digest, epochMs, hostName, requestId } from './fields.ts';

/** Most entries of the audit log in one reply; for more, ask again after the last one. */
export const AUDIT_LIMIT = 1_000_000;

const auditQuerySchema = z.object({
  requestId: requestId.optional(),
  kind: z.string().min(1).max(64).optional(),
  afterSeq: z.int().min(0),
  limit: z.int().min(1).max(AUDIT_LIMIT),
  beforeSeq: z.int().min(1).optional(),
  follow: z.boolean(),
  host: hostName.optional(),
  actor: z.string().min(1).max(128).optional(),
});

/** Codec of AuditQuery, a filter of the audit log. */
export const auditQueryCodec = messageCodec('AuditQuery', auditQuerySchema, 512);

/** Codec of CheckpointQuery: which is the newest checkpoint? */
export const checkpointQueryCodec = messageCodec('CheckpointQuery', z.object({}), 16);

/** Codec of CheckpointView, the newest checkpoint. */
export const checkpointViewCodec = messageCodec(
  'CheckpointView',
  z.object({ checkpoint: checkpointToken.optional() }),
  4096,
);

/** Codec of StatementSubmission: a witness hands in what they signed. */
export const statementSubmissionCodec = messageCodec(
  'StatementSubmission',
  z.object({ token: checkpointToken }),
  4096,
);

/** Codec of StatementTaken: a statement is in the log. */
export const statementTakenCodec = messageCodec('StatementTaken', z.object({}), 16);

const auditEntryViewSchema = z.object({
  seq: z.int().min(1),
  atMs: epochMs,
  kind: z.string().max(64),
  actor: z.string().max(128),
  requestId: requestId.optional(),
  host: hostName.optional(),
  detail: z.string(),
  hash: digest,
});

/** An entry of the audit log, as the controller states it. */
export type AuditEntryView = z.infer<typeof auditEntryViewSchema>;

/** Codec of AuditEntryView. */
export const auditEntryViewCodec = messageCodec('AuditEntryView', auditEntryViewSchema);
