import { z } from 'zod';
import { messageCodec } from './codec.ts';
import { bytes, checkpointToken, compactToken, epochMs, hostName, labels } from './fields.ts';
import { PROTOCOL_VERSION } from './request.ts';

/** Printable ASCII, as uname(2) says it. */
const unameText = z.string().regex(/^[\x20-\x7e]*$/, 'printable ASCII');

/**
 * Text for people, from a host: no control characters but tabs.
 *
 * Threat: PostgreSQL stores no NUL in a text, and what one host sends is stored together with what others
 * send. So a text that the store refuses would keep out the statements of other hosts. A terminal must not
 * obey a host either.
 */
const hostText = z.string().regex(/^(\t|\P{Cc})*$/u, 'text without control characters');

/** The kernel's random id of one boot (proc(5), boot_id), or empty. */
const bootId = z.string().regex(/^[\w-]{0,64}$/, 'a boot id is letters, digits and hyphens');

/** Most keys, and most keyrings, in the facts of a host; kernels have five to twenty. */
export const TRUSTED_KEYS_LIMIT = 128;

const kernelSigningSchema = z.object({
  kcoreReadable: z.boolean(),
  buildId: z.string().regex(/^([0-9a-f]{2}){0,64}$/, 'a build id is hex'),
  keyrings: z
    .record(hostText.min(1).max(64), z.int().min(0))
    .refine(rings => Object.keys(rings).length <= TRUSTED_KEYS_LIMIT, 'too many keyrings'),
  keys: z
    .array(z.object({ name: hostText.max(256), keyId: z.string().regex(/^[0-9a-f]{2,128}$/) }))
    .max(TRUSTED_KEYS_LIMIT),
});

/** What decides which modules a kernel accepts, besides sig_enforce, lockdown and modules_disabled. */
export type KernelSigning = z.infer<typeof kernelSigningSchema>;

/** A key in a trusted keyring, with which a kernel may verify modules. */
export type KernelKeyringKey = KernelSigning['keys'][number];

const hostFactsSchema = z.object({
  protocol: z.literal(PROTOCOL_VERSION),
  host: hostName,
  labels,
  agentVersion: hostText.max(64),
  kernelRelease: unameText.max(128),
  arch: unameText.max(32),
  vermagic: hostText.max(256),
  modulesDisabled: z.boolean(),
  sigEnforce: z.boolean(),
  lockdown: z.enum(['', 'none', 'integrity', 'confidentiality']),
  taint: z.int().min(0),
  publicKey: hostText.max(1024),
  bootId,
  observedAtMs: epochMs,
  /** `uname -v`: which build of this release it is. */
  kernelVersion: hostText.max(256).optional(),
  /** Whether the firmware verified the kernel (UEFI Secure Boot); absent without EFI. */
  secureBoot: z.boolean().optional(),
  /** The newest checkpoint of the controller's audit log that this host has; absent if it has none. */
  checkpoint: checkpointToken.optional(),
  /** Absent if the agent does not report it. */
  signing: kernelSigningSchema.optional(),
});

/** What a host is, and what its kernel allows. */
export type HostFacts = z.infer<typeof hostFactsSchema>;

/** Codec of HostFacts. */
export const hostFactsCodec = messageCodec('HostFacts', hostFactsSchema, 65_536);

const hostHeartbeatSchema = z.object({
  host: hostName,
  bootId,
  taint: z.int().min(0),
  observedAtMs: epochMs,
  waitingResults: z.int().min(0),
  oops: hostText.max(1024).optional(),
  oopsAtMs: epochMs.optional(),
});

/** A host's regular message that it is alive and how its kernel is. */
export type HostHeartbeat = z.infer<typeof hostHeartbeatSchema>;

/** Codec of HostHeartbeat. */
export const hostHeartbeatCodec = messageCodec('HostHeartbeat', hostHeartbeatSchema, 4096);

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
