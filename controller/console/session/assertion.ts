import { z } from 'zod';
import type { PasskeyAssertion } from '../../../shared/tokens/index.ts';
import type { AssertionJson } from '../../views/index.ts';

/** An assertion of a passkey: the signed bytes, the signature, and which passkey made it. */
export interface Assertion {
  readonly credentialId: string;
  readonly assertion: PasskeyAssertion;
}

const base64url = (lengthLimit: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'base64url without padding')
    .max(lengthLimit);

/** Checks {@link AssertionJson} and decodes its bytes; the limits are those of tokens. */
export const assertionSchema = z
  .strictObject({
    credentialId: base64url(1364),
    authenticatorData: base64url(1024),
    clientDataJSON: base64url(4096),
    signature: base64url(256),
  })
  .transform(({ credentialId, ...parts }): Assertion => {
    const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64url');
    return {
      credentialId,
      assertion: {
        authenticatorData: bytes(parts.authenticatorData),
        clientDataJSON: bytes(parts.clientDataJSON),
        signature: bytes(parts.signature),
      },
    };
  }) satisfies z.ZodType<Assertion, AssertionJson>;
