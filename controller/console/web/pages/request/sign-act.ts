import { post, type RequestJson, type SignedAct, type SigningJson } from '../../api/index.ts';
import { askPasskey, checkSigning, type SigningClaims } from '../../signed/index.ts';

/** What is about to be signed, after it was checked to be what it should be. */
export interface Prepared {
  readonly signing: SigningJson;
  readonly claims: SigningClaims;
  readonly challenge: Uint8Array<ArrayBuffer>;
}

/** Gets the words to sign for an act, and checks them. Throws where they are not those. */
export async function prepare(wanted: {
  readonly id: string;
  readonly act: SignedAct;
  readonly digest: Uint8Array;
  readonly person: string;
  readonly reason: string | undefined;
}): Promise<Prepared> {
  const { id, act, reason } = wanted;
  const signing = await post<SigningJson>(pathOf(id, 'sign/challenge'), { act, ...(reason && { reason }) });
  return { signing, ...(await checkSigning(signing, wanted)) };
}

/** Has the passkey sign, and hands that in; how the request stands then. */
export async function signAndSend(id: string, { signing, challenge }: Prepared): Promise<RequestJson> {
  const { act, signingInput, rpId, credentialIds } = signing;
  const assertion = await askPasskey({ challenge, rpId, credentialIds });
  return post<RequestJson>(pathOf(id, 'sign'), { act, signingInput, ...assertion });
}

function pathOf(id: string, rest: string): string {
  return `/api/requests/${encodeURIComponent(id)}/${rest}`;
}
