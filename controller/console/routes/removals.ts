import { z } from 'zod';
import type { HostRemovalView } from '../../../shared/messages/index.ts';
import type { HostRemovalInput, SigningProposalJson } from '../../views/index.ts';
import { assertionSchema, proposeRemoval, submitRemoval } from '../session/index.ts';
import { bodyOf, type ConsoleCall, type Routes } from './route.ts';

const inputSchema = z.strictObject({
  reason: z.string().min(1).max(1024),
}) satisfies z.ZodType<HostRemovalInput>;

const signedSchema = z.looseObject({ signingInput: z.string().min(1).max(8192) });

/** Removals of hosts, each by the passkeys of two approvers. */
export const REMOVAL_ROUTES = {
  'GET hosts/:host/removal': async ({ api, params: { host = '' } }) => api.call('getHostRemoval', { host }),
  'POST hosts/:host/removal/challenge': propose,
  'POST hosts/:host/removal': submit,
} satisfies Partial<Routes>;

async function propose(call: ConsoleCall): Promise<SigningProposalJson> {
  const { deps, api, signedIn, params, body } = call;
  const { reason } = bodyOf(inputSchema, body);
  const { host, kid } = await api.call('getHostRemoval', { host: params['host'] ?? '' });
  return proposeRemoval(deps, signedIn, { host, kid, reason });
}

async function submit({ api, params: { host = '' }, body }: ConsoleCall): Promise<HostRemovalView> {
  const { signingInput, ...rest } = bodyOf(signedSchema, body);
  const { assertion } = bodyOf(assertionSchema, rest);
  return submitRemoval(api, host, { signingInput, assertion });
}
