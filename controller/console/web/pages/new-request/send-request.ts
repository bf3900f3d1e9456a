import { type CallDraft, post, type RequestJson } from '../../api/index.ts';
import {
  askPasskey,
  checkPrepared,
  checkSigning,
  fromBase64,
  libraryOf,
  readRequest,
} from '../../signed/index.ts';

/**
 * Has the controller prepare a request of `form`, and the person's passkey sign it; resolves to the request.
 * Throws where the controller prepared something else, or the passkey did not sign.
 */
export async function sendRequest(form: CallDraft, person: string): Promise<RequestJson> {
  const draft = { ...form, ...(await libraryOf(form.program)) };
  const { bytes: text, proposal } = await post('requests/prepare', { body: draft });
  const bytes = fromBase64(text);
  const request = readRequest(bytes);
  checkPrepared(request, draft, person);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const expected = { action: 'request', digest, site: request.site, person, reason: undefined } as const;
  const { challenge } = await checkSigning(proposal, expected);
  const { signingInput, rpId, credentialIds } = proposal;
  const assertion = await askPasskey({ challenge, rpId, credentialIds });
  return post('requests', { body: { bytes: text, signingInput, ...assertion } });
}
