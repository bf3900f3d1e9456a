import { z } from 'zod';
import { FACT_NAMES, isFactName } from './fact-names.ts';

/**
 * Schema of the name of a host: a name as in DNS (RFC 1123, 2.1), in small letters, such as `web-1` or
 * `web-1.example.org`. It cannot contain a NATS wildcard; `shared/subjects` makes one token of a subject of
 * it.
 */
export const hostName = z
  .string()
  .max(63, 'a host name has at most 63 characters')
  .regex(
    /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/,
    'a host name is a-z, 0-9 and -, with dots between its parts, at most 63',
  );

/** Schema of the name of a person or controller in the trust bundle. */
export const principalName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, 'a name is a-z, 0-9 and . _ @ -, at most 64');

/** Schema of the id of a site; `siteOf` in shared/trust says how it is made. */
export const siteId = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'a site is a SHA-256 digest in base64url');

/** Schema of the id of a request, plan or enrolment. */
export const requestId = z.string().regex(/^[a-z0-9]{4,32}$/, 'a request id is 4 to 32 of a-z and 0-9');

/** Schema of bytes, in any buffer. */
export const bytes: z.ZodType<Uint8Array> = z.instanceof(Uint8Array);

/** Schema of a SHA-256, 32 bytes. */
export const digest = bytes.refine(({ length }) => length === 32, 'a digest has 32 bytes');

/** Characters of a compact JWS (RFC 7515, 7.1). */
const COMPACT = /^[\w.-]+$/;

/** Schema of a compact token; `shared/tokens` verifies its content. */
export const compactToken = z.string().min(1).max(8192).regex(COMPACT, 'a compact token');

/** Schema of a compact farcall-checkpoint+jwt. */
export const checkpointToken = z.string().min(1).max(2048).regex(COMPACT, 'a compact token');

/** Schema of a compact farcall-freshness+jwt. */
export const bundleStatementToken = z.string().min(1).max(8192);

/** Schema of a time: milliseconds since the epoch. */
export const epochMs = z.int().min(0).max(8.64e15);

/** Schema of the labels of a host, such as `env=prod`. */
export const labels = z
  .record(z.string().regex(/^[a-z][a-z0-9_.-]{0,62}$/), z.string().regex(/^[A-Za-z0-9_.:-]{0,63}$/))
  .refine(map => Object.keys(map).length <= 64, 'at most 64 labels');

/** Schema of labels that an operator gives to a host: none may have the name of a fact. */
export const hostLabels = labels.refine(
  map => !Object.keys(map).some(isFactName),
  `no label can be called ${FACT_NAMES.join(', ')}: selectors know these of every host`,
);

/** The labels of one host can be changed as often as this. */
export const LABELS_NUMBER_MOST = 1_000_000;

/** Schema of how often the labels of a host were changed since it was enrolled. */
export const labelsNumber = z.int().min(0).max(LABELS_NUMBER_MOST);

/** Schema of the kernel's random id of one boot (proc(5), boot_id), or empty. */
export const bootId = z.string().regex(/^[\w-]{0,64}$/, 'a boot id is letters, digits and hyphens');
