import { z } from 'zod';
import { FACT_NAMES, isFactName } from './fact-names.ts';

/**
 * A host's name as it stands in subjects: letters, digits and hyphens, so that no NATS wildcard can be in it.
 */
export const hostName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a host name is a-z, 0-9 and -, at most 63');

/** A person's or controller's name in the trust bundle. */
export const principalName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, 'a name is a-z, 0-9 and . _ @ -, at most 64');

/** A request's id. */
export const requestId = z.string().regex(/^[a-z0-9]{4,32}$/, 'a request id is 4 to 32 of a-z and 0-9');

/** Any bytes, over whatever buffer they lie. */
export const bytes: z.ZodType<Uint8Array> = z.instanceof(Uint8Array);

/** 32 bytes of SHA-256. */
export const digest = bytes.refine(({ length }) => length === 32, 'a digest has 32 bytes');

/** A compact token; `shared/tokens` checks what is in it. */
export const compactToken = z.string().min(1).max(8192);

/** A compact farcall-checkpoint+jwt. */
export const checkpointToken = z.string().min(1).max(2048);

/** Milliseconds since the epoch. */
export const epochMs = z.int().min(0).max(8.64e15);

/** A host's labels: `env=prod`. */
export const labels = z
  .record(z.string().regex(/^[a-z][a-z0-9_.-]{0,62}$/), z.string().regex(/^[A-Za-z0-9_.:-]{0,63}$/))
  .refine(map => Object.keys(map).length <= 64, 'at most 64 labels');

/** The labels that a host is given; names of facts, `host` among them, cannot be given. */
export const hostLabels = labels.refine(
  map => !Object.keys(map).some(isFactName),
  `no label can be called ${FACT_NAMES.join(', ')}: selectors know these of every host`,
);
