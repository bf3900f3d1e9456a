import { z } from 'zod';
import { fields } from '../../shared/messages/index.ts';

const path = z.string().min(1);

/** A provider of identities, which may say who somebody is; signing still takes their key. */
const oidcSchema = z.strictObject({
  /** As it names itself: https, or http://localhost. */
  issuer: z
    .url()
    .max(2048)
    .refine(text => /^https:|^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(text), 'an issuer with https://'),
  /** What it calls the console. */
  clientId: z.string().min(1).max(255),
  /** What it gave the console, 0600; absent where it wants PKCE alone. */
  clientSecretFile: path.optional(),
  /** By what people are known there. */
  claim: z.enum(['sub', 'email']).default('sub'),
  /** From that to their names in the trust bundle. Anyone who is not in it does not get in. */
  people: z.record(z.string().min(1).max(255), fields.principalName),
});

/** The member `console` of a configuration. */
export const consoleSchema = z
  .strictObject({
    /** host:port; on loopback where there is no `tls`. */
    listen: z.string().min(1),
    /** As browsers see it: passkeys are bound to its host, and what changes something must come from it. */
    origin: z.string().regex(/^https?:\/\/[a-z0-9.[\]:-]{1,255}$/, 'an origin: https://console.example'),
    /** Certificate and key of the page, in PEM; absent where a proxy before it has them. */
    tls: z.strictObject({ certFile: path, keyFile: path }).optional(),
    /** Signing in with the accounts of an organisation. */
    oidc: oidcSchema.optional(),
    /** Longest time signed in. */
    sessionMs: z
      .int()
      .min(60_000)
      .max(24 * 3_600_000)
      .default(8 * 3_600_000),
    /** Longest time signed in without doing anything. */
    idleMs: z.int().min(10_000).max(3_600_000).default(900_000),
  })
  .refine(({ origin }) => origin.startsWith('https://') || /^http:\/\/localhost(:\d+)?$/.test(origin), {
    path: ['origin'],
    message: 'browsers have passkeys for https://, and for http://localhost',
  });

/** The console, as it is configured. */
export type ConsoleConfig = z.infer<typeof consoleSchema>;

/** `console` with the paths in it made absolute. */
export function withAbsoluteConsole(
  { tls, oidc, ...rest }: ConsoleConfig,
  absolute: (path: string) => string,
): ConsoleConfig {
  const secretFile = oidc?.clientSecretFile;
  return {
    ...rest,
    ...(tls && { tls: { certFile: absolute(tls.certFile), keyFile: absolute(tls.keyFile) } }),
    ...(oidc && {
      oidc: { ...oidc, ...(secretFile !== undefined && { clientSecretFile: absolute(secretFile) }) },
    }),
  };
}
