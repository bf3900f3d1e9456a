import { z } from 'zod';
import type { ConsoleDeps } from '../http/index.ts';
import { rpIdOf } from '../http/index.ts';
import type { SignedIn } from '../session/index.ts';
import {
  assertionSchema,
  handInSigned,
  passkeysOf,
  proposeSigning,
  SIGNED_ACTS,
  wishSchema,
} from '../session/index.ts';
import { requestJson } from './requests.ts';
import { bodyOf, type Route } from './route.ts';

/** Who is signed in, for the page. */
export function meJson(deps: ConsoleDeps, { session, caller, expiresAtMs }: SignedIn): object {
  return {
    name: caller.name,
    roles: [...caller.roles],
    way: session.way,
    passkeys: passkeysOf(deps, caller.name).map(({ credentialId }) => ({ credentialId })),
    expiresAtMs,
    controller: deps.name,
    rpId: rpIdOf(deps.config),
    trustVersion: deps.trust.current().version,
    nowMs: deps.clock.nowMs(),
  };
}

const signedSchema = z.looseObject({
  act: z.enum(SIGNED_ACTS),
  signingInput: z.string().min(1).max(8192),
});

/** What one signs oneself. */
export const PERSON_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: 'requests/:id/sign/challenge',
    async answer({ deps, calls, signedIn, params: { id = '' }, body }) {
      const wish = bodyOf(wishSchema, body);
      return proposeSigning(deps, signedIn, await calls.call('getRequest', { id }), wish);
    },
  },
  {
    method: 'POST',
    path: 'requests/:id/sign',
    async answer({ calls, params: { id = '' }, body }) {
      const { act, signingInput, ...rest } = bodyOf(signedSchema, body);
      const { assertion } = bodyOf(assertionSchema, rest);
      return requestJson(await handInSigned(calls, id, { act, signingInput, assertion }), id);
    },
  },
];
