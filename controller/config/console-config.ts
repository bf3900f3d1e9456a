import { z } from 'zod';
import { fields } from '../../shared/messages/index.ts';

const path = z.string().min(1);

/** A provider of identities, which may say who somebody is; signing still takes their key. */
const oidcSchema = z.strictObject({
  /** The provider's issuer: https, or http://localhost. */
  issuer: z
    .url()
    .max(2048)
    .refine(text => /^https:|^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(text), 'an issuer with https://'),
  /** The console's client id at the provider. */
  clientId: z.string().min(1).max(255),
  /** The client secret from the provider, 0600; absent if the provider needs PKCE only. */
  clientSecretFile: path.optional(),
  /** The claim that identifies people. */
  claim: z.enum(['sub', 'email']).default('sub'),
  /** From the claim's values to names in the trust bundle. Nobody else gets in. */
  people: z.record(z.string().min(1).max(255), fields.principalName),
});

/** The member `console` of a configuration. */
export const consoleSchema = z
  .strictObject({
    /** The console's address: host:port, on loopback unless there is `tls`. */
    listen: z.string().min(1),
    /** The origin in browsers. Passkeys are bound to its host, and changes must come from it. */
    origin: z.string().regex(/^https?:\/\/[a-z0-9.[\]:-]{1,255}$/, 'an origin: https://console.example'),
    /** Certificate and key of the page, in PEM; absent if a proxy in front has them. */
    tls: z.strictObject({ certFile: path, keyFile: path }).optional(),
    /** Sign-in with the accounts of an organisation. */
    oidc: oidcSchema.optional(),
    /** The longest time that a session lasts. */
    sessionMs: z
      .int()
      .min(60_000)
      .max(24 * 3_600_000)
      .default(8 * 3_600_000),
    /** The longest time that a session may be unused. */
    idleMs: z.int().min(10_000).max(3_600_000).default(900_000),
  })
  .refine(({ origin }) => origin.startsWith('https://') || /^http:\/\/localhost(:\d+)?$/.test(origin), {
    path: ['origin'],
    message: 'browsers allow passkeys only for https:// and http://localhost',
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
