import { z } from 'zod';
import { messageCodec } from './codec.ts';
import {
  bootId,
  bytes,
  checkpointToken,
  compactToken,
  epochMs,
  hostName,
  labels,
  labelsNumber,
  principalName,
  requestId,
} from './fields.ts';
import { lineText } from './plain-text.ts';
import { protocolField } from './request.ts';

/** Printable ASCII, as uname(2) says it. */
const unameText = z.string().regex(/^[\x20-\x7e]*$/, 'printable ASCII');

/** Most keys, and most keyrings, in the facts of a host; kernels have five to twenty. */
export const TRUSTED_KEYS_LIMIT = 128;

const kernelSigningSchema = z.object({
  kcoreReadable: z.boolean(),
  buildId: z.string().regex(/^([0-9a-f]{2}){0,64}$/, 'a build id is hex'),
  keyrings: z
    .record(lineText(64).min(1), z.int().min(0))
    .refine(rings => Object.keys(rings).length <= TRUSTED_KEYS_LIMIT, 'too many keyrings'),
  keys: z
    .array(z.object({ name: lineText(256), keyId: z.string().regex(/^[0-9a-f]{2,128}$/) }))
    .max(TRUSTED_KEYS_LIMIT),
});

/** What decides which modules a kernel accepts, besides sig_enforce, lockdown and modules_disabled. */
export type KernelSigning = z.infer<typeof kernelSigningSchema>;

/** A key in a trusted keyring, with which a kernel may verify modules. */
export type KernelKeyringKey = KernelSigning['keys'][number];

/** Most modules of farcall's own that the facts of a host name as left in its kernel. */
export const LEFT_MODULES_LIMIT = 16;

/** Most probes in the kernel that the facts of a host name. */
export const PROBES_LIMIT = 32;

/** Most characters of what a probe does. */
export const PROBE_TEXT_CHARS = 512;

const probeSchema = z.object({
  /** Name of the module that holds it, as in /proc/modules. */
  module: lineText(64).min(1),
  /** Absent, as all below it, where the host's journal does not know the module. */
  requestId: requestId.optional(),
  function: lineText(PROBE_TEXT_CHARS).optional(),
  /** `deny alg_bind with -EPERM while (current->cred->uid.val), for 7 days` */
  text: lineText(PROBE_TEXT_CHARS).optional(),
  sinceMs: epochMs.optional(),
  expiresAtMs: epochMs.optional(),
  /** Absent, as the others, where the host cannot read the kernel's memory. */
  hits: z.int().min(0).optional(),
  missed: z.int().min(0).optional(),
  abandoned: z.int().min(0).optional(),
  /** Whether the module of the function is not loaded, so that nothing is denied now. */
  waiting: z.boolean().optional(),
  /** The errno with which the kernel refused the probe when the module came; nothing is denied. */
  error: z.int().min(1).max(4095).optional(),
  callers: z
    .array(
      z.object({
        pid: z.int().min(0),
        tgid: z.int().min(0),
        uid: z.int().min(0),
        comm: lineText(16),
        atMs: epochMs,
      }),
    )
    .max(16),
});

/** A probe that stays in a host's kernel. */
export type HostProbe = z.infer<typeof probeSchema>;

/** Most reasons that a host tells why it could run no call. */
export const UNFIT_LIMIT = 16;

/** Most characters of each of them. */
export const UNFIT_CHARS = 256;

/** As much of its policy a host tells. */
export const POLICY_CHARS = 8192;

const hostFactsSchema = z.object({
  protocol: protocolField,
  host: hostName,
  labels,
  agentVersion: lineText(64),
  kernelRelease: unameText.max(128),
  arch: unameText.max(32),
  vermagic: lineText(256),
  modulesDisabled: z.boolean(),
  sigEnforce: z.boolean(),
  lockdown: z.enum(['', 'none', 'integrity', 'confidentiality']),
  taint: z.int().min(0),
  publicKey: lineText(1024),
  bootId,
  observedAtMs: epochMs,
  /** `uname -v`: which build of this release it is. */
  kernelVersion: lineText(256).optional(),
  /** Whether the firmware verified the kernel (UEFI Secure Boot); absent without EFI. */
  secureBoot: z.boolean().optional(),
  /** The newest checkpoint of the controller's audit log that this host has; absent if it has none. */
  checkpoint: checkpointToken.optional(),
  /** Absent if the agent does not report it. */
  signing: kernelSigningSchema.optional(),
  /** Modules of calls that died in an oops, which stay until the next boot. */
  leftModules: z
    .array(z.object({ name: lineText(64).min(1), sinceMs: epochMs }))
    .max(LEFT_MODULES_LIMIT)
    .optional(),
  /** Denies in this kernel, and modules of farcall's that stay there and that the host does not know. */
  probes: z.array(probeSchema).max(PROBES_LIMIT).optional(),
  /** The host's policy that is in force, as JSON; cut after {@link POLICY_CHARS}. */
  policy: lineText(POLICY_CHARS).optional(),
  /** When the host's credential for the broker ends, unless it is renewed; absent if it does not end. */
  credentialEndsAtMs: epochMs.optional(),
  /** Why this host could run no call now. */
  unfit: z.array(lineText(UNFIT_CHARS).min(1)).max(UNFIT_LIMIT).optional(),
});

/** What a host is, and what its kernel allows. */
export type HostFacts = z.infer<typeof hostFactsSchema>;

/** Codec of HostFacts. */
export const hostFactsCodec = messageCodec('HostFacts', hostFactsSchema, {
  bytes: 65_536,
  fields: 2048,
  depth: 3,
});

/** Schema of {@link JournalPositionMessage}. */
export const journalPositionSchema = z.object({
  incarnation: bytes.refine(({ length }) => length === 16, 'an incarnation has 16 bytes'),
  sequence: z.int().min(0),
  head: bytes.refine(({ length }) => length === 32, 'a head has 32 bytes'),
});

/** How far the journal of a host has come, and in which incarnation of the host. */
export type JournalPositionMessage = z.infer<typeof journalPositionSchema>;

/** Codec of JournalStatement: what a host says of its journal before it gets orders. */
export const journalStatementCodec = messageCodec(
  'JournalStatement',
  z.object({ host: hostName, position: journalPositionSchema, observedAtMs: epochMs }),
  512,
);

const hostHeartbeatSchema = z.object({
  host: hostName,
  bootId,
  taint: z.int().min(0),
  observedAtMs: epochMs,
  waitingResults: z.int().min(0),
  oops: lineText(1024).optional(),
  oopsAtMs: epochMs.optional(),
  /** Version of the trust bundle that the host goes by; 0 if it has none. */
  trustVersion: z.int().min(0),
  /** When a controller signed its last statement that none is newer; 0 if none came. */
  trustConfirmedAtMs: epochMs,
  /** Version of a newer bundle that a controller named, and that the host cannot get. */
  newerTrustVersion: z.int().min(1).optional(),
  journal: journalPositionSchema.optional(),
});

/** A host's regular message that it is alive and how its kernel is. */
export type HostHeartbeat = z.infer<typeof hostHeartbeatSchema>;

/** Codec of HostHeartbeat. */
export const hostHeartbeatCodec = messageCodec('HostHeartbeat', hostHeartbeatSchema, {
  bytes: 4096,
  fields: 32,
});

/** Codec of SignedHeartbeat: a heartbeat and the host's signature over it. */
export const signedHeartbeatCodec = messageCodec(
  'SignedHeartbeat',
  z.object({ heartbeat: bytes, signature: compactToken }),
  16_384,
);

/** Codec of HostHello: facts and the host's signature over them. */
export const hostHelloCodec = messageCodec(
  'HostHello',
  z.object({ facts: bytes, signature: compactToken }),
  65_536 + 8192,
);

/** Codec of HostsQuery: lists the hosts that a selector matches. */
export const hostsQueryCodec = messageCodec(
  'HostsQuery',
  z.object({ selector: z.string().min(1).max(4096) }),
  8192,
);

const hostTrustSchema = z.object({
  version: z.int().min(0),
  confirmedAtMs: epochMs,
  newerVersion: z.int().min(1).optional(),
});

/**
 * Why a host is held: its journal lacks records that it had before, two machines speak with its key, or no
 * controller wrote what the store says of its journal.
 */
export const HOLD_REASONS = ['went-back', 'exists-twice', 'record-forged'] as const;

/** One of {@link HOLD_REASONS}. */
export type HoldReason = (typeof HOLD_REASONS)[number];

const hostViewSchema = z.object({
  facts: bytes,
  labels,
  kid: z.string().max(64),
  firstSeenAtMs: epochMs,
  lastSeenAtMs: epochMs,
  trust: hostTrustSchema.optional(),
  droppedMessages: z.int().min(0),
  lockReason: z.string().max(1024).optional(),
  /** How far its clock is from the controller's; absent if it is right. More than zero is ahead. */
  clockOffsetMs: z.int().optional(),
  /** Present if the host gets no orders until a person decides. */
  hold: z.object({ why: z.enum(HOLD_REASONS), sinceMs: epochMs }).optional(),
  /** The people who signed for its removal, which takes one more; empty if nobody did. */
  removalSigners: z.array(principalName),
  /** How often people have changed its labels since it was enrolled. */
  labelsNumber,
  /** The people who signed for other labels of it, which take one more; empty if nobody did. */
  labelSigners: z.array(principalName),
});

/**
 * A host: `facts` are the bytes that it signed, `labels` those of its enrolment, or those that people gave it
 * since.
 */
export type HostView = z.infer<typeof hostViewSchema>;

/** Codec of HostView. */
export const hostViewCodec = messageCodec('HostView', hostViewSchema, 128 << 10);
