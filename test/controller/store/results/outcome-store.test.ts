import { beforeEach, describe, expect, it } from 'vitest';
import type { NewResult } from '../../../../controller/store/index.ts';
import type { Outcome } from '../../../../shared/outcome/index.ts';
import { sha256 } from '../../../../shared/tokens/index.ts';
import {
  type ControllerParts,
  codeOf,
  commitOne,
  DRAFT,
  dispatched,
  introduce,
  requestBy,
} from '../../../kit/controller-kit.ts';
import { ENGINES, newParts } from '../../../kit/engines.ts';

describe.each(ENGINES)('outcomes in the store, on $name', engine => {
  const stores = engine.use();
  let parts: ControllerParts;
  let id: string;

  beforeEach(async () => {
    parts = await newParts(stores);
    await introduce(parts);
    ({ id } = await dispatched(parts));
  });

  const result = (host: string, outcome: Outcome = 'returned', content = host): NewResult => {
    const bytes = Buffer.from(`${content} ${outcome}`);
    return {
      requestId: id,
      host,
      attempt: 1,
      outcome,
      result: bytes,
      digest: sha256(bytes),
      signature: 'signed',
      summary: JSON.stringify({ attempt: 1, outcome }),
    };
  };
  const state = async () => (await parts.requests.find(id))?.state;
  const reports = async () => (await parts.reports.page(id, { seq: 0, host: '' }, 10)).reports;

  it('outcomes in the store finish the request when each expected host has one', async () => {
    expect(await commitOne(parts, result('demo-1'))).toBe('outcome');
    expect(await state()).toBe('dispatched');
    expect(await commitOne(parts, result('demo-2', 'refused'))).toBe('outcome');
    expect(await state()).toBe('finished');
    expect(await parts.requests.outcomes(id)).toEqual([
      { outcome: 'returned', hosts: 1 },
      { outcome: 'refused', hosts: 1 },
    ]);
  });

  it('outcomes in the store recognise the same bytes if they come again', async () => {
    await commitOne(parts, result('demo-1'));
    expect(await commitOne(parts, result('demo-1'))).toBe('duplicate');
    expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'returned', hosts: 1 }]);
  });

  it('outcomes in the store keep the first result if the host says another thing later', async () => {
    await commitOne(parts, result('demo-1', 'returned'));
    expect(await codeOf(commitOne(parts, result('demo-1', 'faulted')))).toBe('CONFLICT');
    expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'returned', hosts: 1 }]);
  });

  it('outcomes in the store keep a late result beside a timed-out call, once', async () => {
    await commitOne(parts, result('demo-1', 'timed-out'));
    await commitOne(parts, result('demo-2'));
    expect(await commitOne(parts, result('demo-1', 'returned'))).toBe('late');
    expect(await commitOne(parts, result('demo-1', 'returned'))).toBe('duplicate');
    expect(await codeOf(commitOne(parts, result('demo-1', 'faulted')))).toBe('CONFLICT');
    const report = (await reports()).find(({ host }) => host === 'demo-1');
    expect(report).toMatchObject({ outcome: 'timed-out' });
    expect(Buffer.from(report?.lateResult?.result ?? []).toString()).toBe('demo-1 returned');
    expect(await state()).toBe('finished');
  });

  it('outcomes in the store keep what a host says after its silence was taken for the end', async () => {
    expect(await parts.outcomes.expireSilentHosts(id)).toEqual(['demo-1', 'demo-2']);
    expect(await state()).toBe('finished');
    expect(await commitOne(parts, result('demo-1'))).toBe('late');
    expect(await parts.requests.outcomes(id)).toEqual([{ outcome: 'expired', hosts: 2 }]);
  });

  it('outcomes in the store are refused from a host that was not expected', async () => {
    expect(await codeOf(commitOne(parts, result('prod-1')))).toBe('NOT_SELECTED');
  });

  it('outcomes in the store all say that nothing ran if the request was never ordered', async () => {
    const pending = await requestBy(parts, 'alice', DRAFT);
    expect(await parts.outcomes.expireRequest(pending)).toBe(true);
    expect(await parts.outcomes.expireRequest(pending)).toBe(false);
    expect((await parts.requests.find(pending))?.state).toBe('expired');
    expect(await parts.requests.outcomes(pending)).toEqual([{ outcome: 'not-ordered', hosts: 2 }]);
  });

  it('outcomes in the store stay open if an ordered request is asked to expire as one that was not', async () => {
    expect(await parts.outcomes.expireRequest(id)).toBe(false);
    expect(await state()).toBe('dispatched');
  });

  it('add up: every expected host is in exactly one', async () => {
    await commitOne(parts, result('demo-2', 'unknown'));
    await parts.outcomes.expireSilentHosts(id);
    const sum = (await parts.requests.outcomes(id)).reduce((hosts, outcome) => hosts + outcome.hosts, 0);
    expect(sum).toBe((await parts.requests.find(id))?.expectedHosts);
  });
});
