import { beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../../../controller/api/index.ts';
import { operatorApi } from '../../../../controller/console/session/index.ts';
import { KEYS } from '../../../kit/cast.ts';
import { consoleDepsOf } from '../../../kit/console-deps-kit.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  DRAFT,
  introduce,
} from '../../../kit/controller-kit.ts';

const NEVER = new AbortController().signal;

describe('the operator API as one person', () => {
  let parts: ControllerParts;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
  });

  const as = (...roles: ('requester' | 'approver')[]) => {
    const caller: Caller = { name: 'alice', kid: KEYS.alice.kid, roles: new Set(roles) };
    return operatorApi(consoleDepsOf(parts), caller);
  };

  it('a person with the role gets what they ask for', async () => {
    const { request } = await as('requester').call('prepareRequest', DRAFT);
    expect(request.length).toBeGreaterThan(0);
  });

  it('a person without the role is refused, and reads which role it takes', async () => {
    await expect(as('approver').call('prepareRequest', DRAFT)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: 'alice may not do this: it takes the role requester in the trust bundle',
    });
    await expect(as().call('listRequests', { limit: 1 })).rejects.toMatchObject({
      message: 'alice may not do this: it takes the role requester or approver in the trust bundle',
    });
  });

  it('one of two roles is enough', async () => {
    for (const role of ['requester', 'approver'] as const)
      expect(await as(role).call('listRequests', { limit: 1 })).toEqual({ requests: [] });
  });

  it('what anybody may ask takes no role', async () => {
    const reply = as().call('getTrust', { afterVersion: 0 });
    await expect(reply).resolves.toMatchObject({ bundles: [] });
  });

  it('a stream of a person without the role is refused before it begins', () => {
    const query = { afterSeq: 0, limit: 10, follow: false };
    expect(() => as().stream('listAudit', query, NEVER)).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    );
  });

  it('a stream of a person with the role runs', async () => {
    const seen = [];
    for await (const entry of as('approver').stream(
      'listAudit',
      { afterSeq: 0, limit: 10, follow: false },
      NEVER,
    ))
      seen.push(entry);
    expect(seen.length).toBeGreaterThan(0);
  });

  it('a request that the network would not carry is refused', async () => {
    const draft = { ...DRAFT, program: 'x'.repeat(1 << 20) };
    expect(await codeOf(as('requester').call('prepareRequest', draft))).toBe('MESSAGE_INVALID');
  });
});
