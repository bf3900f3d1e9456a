import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupCommit } from '../../../controller/gather/index.ts';
import type { NewResult, OutcomeStore } from '../../../controller/store/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { digestText, sha256 } from '../../../shared/tokens/index.ts';
import { keyringOf } from '../../../shared/trust/index.ts';
import { BUNDLE, claimsIn, hostOf } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  dispatched,
  introduce,
} from '../../kit/controller-kit.ts';
import { auditFolder, storyFindingsIn } from '../auditor/support/audited-store.ts';

/** More than one group takes. */
const FLEET = 300;
const FEW = 3;

describe('results that come at once', () => {
  let parts: ControllerParts;
  let file: string;
  let id: string;

  /** A request whose order went to so many hosts. */
  const dispatchTo = async (count: number): Promise<void> => {
    file = join(auditFolder(), 'farcall.db');
    parts = controllerParts(BUNDLE, file);
    const hosts = Array.from({ length: count }, (_, index) => index);
    const labels = { env: 'demo' };
    await introduce(
      parts,
      hosts.map(index => hostOf(`demo-${index}`, labels)),
    );
    ({ id } = await dispatched(parts));
  };

  const result = (host: string, content = host): NewResult => {
    const bytes = Buffer.from(content);
    const signed = { result: bytes, digest: sha256(bytes), signature: 'signed', summary: '{}' };
    return { requestId: id, host, attempt: 1, outcome: 'returned', ...signed };
  };

  /** Counts transactions and remembers the sizes of their groups. */
  const counting = () => {
    const groups: number[] = [];
    const outcomes: Pick<OutcomeStore, 'commitAll'> = {
      commitAll(results) {
        groups.push(results.length);
        return parts.outcomes.commitAll(results);
      },
    };
    return { groups, commit: groupCommit({ outcomes, signCommitted: parts.signCommitted }) };
  };

  it('results that come at once are committed in groups, each with a signature that names it', async () => {
    await dispatchTo(FLEET);
    const { groups, commit } = counting();
    const all = Array.from({ length: FLEET }, (_, index) => result(`demo-${index}`));
    const committed = await Promise.all(all.map(commit));
    expect(groups).toEqual([256, 44]);
    expect(new Set(committed.map(({ token }) => token)).size).toBe(16 + 3);
    for (const [index, { token }] of committed.entries()) {
      const options = { keyring: keyringOf(BUNDLE.controllers), nowMs: parts.clock.nowMs() };
      const { claims } = await claimsIn('committed', token, options);
      expect(claims.results).toContain(digestText(all[index]!.digest));
    }
    expect((await parts.requests.find(id))?.state).toBe('finished');
    expect(await storyFindingsIn(file)).toEqual([]);
  });

  it('results that come at once do not delay each other if the store refuses one', async () => {
    await dispatchTo(FEW);
    const { commit } = counting();
    const outcomes = await Promise.allSettled([
      commit(result('demo-0')),
      commit(result('demo-1')),
      commit(result('stranger')),
      commit(result('demo-1')),
      commit(result('demo-1', 'something else')),
      commit(result('demo-2')),
    ]);
    const told = outcomes.map(each => (each.status === 'fulfilled' ? each.value.effect : each.reason.code));
    expect(told).toEqual(['outcome', 'outcome', 'NOT_SELECTED', 'duplicate', 'CONFLICT', 'outcome']);
  });

  it('results that come at once are not named by a signature if they were not committed', async () => {
    await dispatchTo(FEW);
    const signed: string[] = [];
    const commit = groupCommit({
      outcomes: parts.outcomes,
      async signCommitted(digests) {
        signed.push(...digests.map(digestText));
        return 'token';
      },
    });
    await Promise.allSettled(['demo-0', 'stranger', 'demo-1'].map(host => commit(result(host))));
    expect(signed).not.toContain(digestText(result('stranger').digest));
    expect(signed).toHaveLength(2);
  });

  it('results that come at once are tried one by one if a whole group fails', async () => {
    await dispatchTo(FEW);
    const poison = result('demo-1', 'poison');
    const outcomes: Pick<OutcomeStore, 'commitAll'> = {
      async commitAll(results) {
        if (results.includes(poison)) throw new FarcallError('STORE_FAILED', 'the disk says no');
        return parts.outcomes.commitAll(results);
      },
    };
    const commit = groupCommit({ outcomes, signCommitted: parts.signCommitted });
    const first = commit(result('demo-0'));
    const bad = codeOf(commit(poison));
    const good = commit(result('demo-2'));
    expect((await first).effect).toBe('outcome');
    expect(await bad).toBe('STORE_FAILED');
    expect((await good).effect).toBe('outcome');
  });
});
