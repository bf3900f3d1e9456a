import { beforeEach, describe, expect, it } from 'vitest';
import { createRequest, prepareRequest } from '../../../controller/requests/index.ts';
import { callRequestCodec } from '../../../shared/messages/index.ts';
import { hostOf, type Member, OTHER_SITE } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';
import { requestTokenOf } from '../../kit/decisions.ts';

describe('a request that somebody hands in', () => {
  let parts: ControllerParts;
  let bytes: Uint8Array;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
    bytes = (await prepareRequest(parts, 'alice', DRAFT)).request;
  });

  const submit = async (token: string, submittedBy = 'alice', of = bytes): Promise<string> =>
    codeOf(createRequest(parts, { bytes: of, token, submittedBy }));
  const signed = (by: Member = 'alice', of = bytes): Promise<string> =>
    requestTokenOf(by, of, { nowMs: parts.clock.nowMs() });
  const changed = (changes: Partial<ReturnType<typeof callRequestCodec.decode>>): Uint8Array =>
    callRequestCodec.encode({ ...callRequestCodec.decode(bytes), ...changes });

  it('a request that was only prepared is nowhere', async () => {
    expect(await parts.requests.newest({ limit: 10 })).toEqual([]);
  });

  it('a request is stored with the token of its requester', async () => {
    const token = await signed();
    const id = await createRequest(parts, { bytes, token, submittedBy: 'alice' });
    expect(await parts.requests.get(id)).toMatchObject({ token, state: 'pending' });
  });

  it('a request is refused if its signature is by somebody who may not request', async () => {
    expect(await submit(await signed('bob'))).toBe('TOKEN_KEY_UNKNOWN');
  });

  it('a request is refused if its bytes name somebody else than signed them', async () => {
    const other = changed({ requester: 'nobody' });
    expect(await submit(await signed('alice', other), 'alice', other)).toBe('TOKEN_CLAIMS');
  });

  it('a request is refused if other bytes were signed', async () => {
    expect(await submit(await signed(), 'alice', changed({ program: 'other()' }))).toBe('TOKEN_CLAIMS');
  });

  it('a request is refused if somebody other than its requester hands it in', async () => {
    expect(await submit(await signed(), 'bob')).toBe('FORBIDDEN');
  });

  it('a request is refused if its bytes are for another site', async () => {
    const other = changed({ site: OTHER_SITE });
    expect(await submit(await signed('alice', other), 'alice', other)).toBe('SITE_OTHER');
  });

  it('a request is refused if other hosts match by now', async () => {
    const token = await signed();
    await introduce(parts, [hostOf('demo-3', { env: 'demo' })]);
    expect(await submit(token)).toBe('CONFLICT');
  });

  it('a request is refused if it was prepared too long ago, or comes from the future', async () => {
    const token = await signed();
    parts.clock.advance(15 * 60_000 + 1);
    expect(await submit(token)).toBe('MESSAGE_INVALID');
    const nowMs = parts.clock.nowMs();
    const later = changed({ createdAtMs: nowMs + 60_000, expiresAtMs: nowMs + 120_000 });
    expect(await submit(await signed('alice', later), 'alice', later)).toBe('MESSAGE_INVALID');
  });

  it('a request is handed in once', async () => {
    const token = await signed();
    await createRequest(parts, { bytes, token, submittedBy: 'alice' });
    expect(await submit(token)).toBe('CONFLICT');
    expect(await requestBy(parts, 'alice', DRAFT)).not.toBe(callRequestCodec.decode(bytes).id);
  });
});
