import { z } from 'zod';
import type { CallDraft } from '../../../shared/messages/index.ts';
import type { MeJson, PreparedRequestJson, RequestJson, SigningProposalJson } from '../../views/index.ts';
import type { ConsoleDeps } from '../http/index.ts';
import { rpIdOf } from '../http/index.ts';
import type { SignedIn } from '../session/index.ts';
import {
  assertionSchema,
  passkeysOf,
  proposalInputSchema,
  proposeRequest,
  proposeSigning,
  SIGNED_ACTIONS,
  submitRequest,
  submitSigned,
} from '../session/index.ts';
import { requestJson } from './requests.ts';
import { bodyOf, type ConsoleCall, objectSchema, type Routes } from './route.ts';

/** The person who is signed in, for the page. */
export function meJson(deps: ConsoleDeps, { session, caller, expiresAtMs }: SignedIn): MeJson {
  return {
    name: caller.name,
    roles: [...caller.roles],
    signInMethod: session.signInMethod,
    passkeys: passkeysOf(deps, caller.name).map(({ credentialId }) => ({ credentialId })),
    expiresAtMs,
    controller: deps.name,
    rpId: rpIdOf(deps.config),
    trustVersion: deps.trust.current().version,
    site: deps.trust.site,
    nowMs: deps.clock.nowMs(),
  };
}

const signedSchema = z.looseObject({
  action: z.enum(SIGNED_ACTIONS),
  signingInput: z.string().min(1).max(8192),
});

const requestSchema = z.looseObject({
  bytes: z.base64().max(128 << 10),
  signingInput: z.string().min(1).max(8192),
});

/** Routes that take the person's own signature. */
export const PERSON_ROUTES = {
  'POST requests/prepare': prepare,
  'POST requests': create,
  'POST requests/:id/sign/challenge': propose,
  'POST requests/:id/sign': submit,
} satisfies Partial<Routes>;

async function prepare({ deps, api, signedIn, body }: ConsoleCall): Promise<PreparedRequestJson> {
  const { request } = await api.call('prepareRequest', bodyOf(objectSchema, body) as CallDraft);
  const bytes = Buffer.from(request).toString('base64');
  return { bytes, proposal: proposeRequest(deps, signedIn, request) };
}

async function create({ api, body }: ConsoleCall): Promise<RequestJson> {
  const { bytes, signingInput, ...rest } = bodyOf(requestSchema, body);
  const { assertion } = bodyOf(assertionSchema, rest);
  return requestJson(await submitRequest(api, Buffer.from(bytes, 'base64'), { signingInput, assertion }));
}

async function propose({ deps, api, signedIn, params, body }: ConsoleCall): Promise<SigningProposalJson> {
  const { id = '' } = params;
  const input = bodyOf(proposalInputSchema, body);
  return proposeSigning(deps, signedIn, await api.call('getRequest', { id }), input);
}

async function submit({ api, params: { id = '' }, body }: ConsoleCall): Promise<RequestJson> {
  const { action, signingInput, ...rest } = bodyOf(signedSchema, body);
  const { assertion } = bodyOf(assertionSchema, rest);
  return requestJson(await submitSigned(api, id, { action, signingInput, assertion }), id);
}
