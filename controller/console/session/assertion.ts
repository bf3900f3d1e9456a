import { z } from 'zod';
import type { PasskeyAssertion } from '../../../shared/tokens/index.ts';

/** A passkey's word, and which passkey's. */
export interface Assertion {
  readonly credentialId: string;
  readonly assertion: PasskeyAssertion;
}

const base64url = (most: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'base64url without padding')
    .max(most);

/** As browsers' `PublicKeyCredential.toJSON()` spells it (WebAuthn level 3, section 5.1); limits as in tokens. */
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
  });
