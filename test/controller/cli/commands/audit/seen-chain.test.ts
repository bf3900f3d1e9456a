import { describe, expect, it } from 'vitest';
import { seenChain } from '../../../../../controller/cli/commands/audit/seen-chain.ts';
import { chainHash, chainStart } from '../../../../../controller/store/index.ts';
import type { AuditEntryView } from '../../../../../shared/messages/index.ts';

/** A log of `count` entries, in which `story` is told. */
function logOf(count: number, story = 'true'): AuditEntryView[] {
  let hash = chainStart('a store');
  return Array.from({ length: count }, (_, index) => {
    const seq = index + 1;
    const about = { kind: 'plan-made', actor: 'alice', detail: JSON.stringify({ story, seq }) };
    hash = chainHash(hash, { seq, at_ms: seq, request_id: null, host: null, ...about });
    return { seq, atMs: seq, hash, ...about };
  });
}

const TRUE = logOf(6);
const LIE = logOf(6, 'another');
const at = (log: readonly AuditEntryView[], seq: number) => log[seq - 1]!;

/** A follower who has seen the true log up to entry 3, at the beginning of a stream. */
function follower() {
  const { seq, hash } = at(TRUE, 3);
  return seenChain({ seen: { seq, hash }, fromSeq: 1, chainHash });
}

describe('a follower of the log', () => {
  it('a follower of the log begins a stream with the last entry that it has, and takes what follows', () => {
    const chain = follower();
    expect(chain.afterSeq()).toBe(2);
    chain.begin();
    expect(TRUE.slice(2).map(entry => chain.take(entry))).toEqual([false, true, true, true]);
    expect(chain.afterSeq()).toBe(5);
    chain.begin();
    expect(chain.take(at(TRUE, 6))).toBe(false);
  });

  it('a follower of the log that has seen nothing takes the entry before the first as its beginning', () => {
    const chain = seenChain({ seen: undefined, fromSeq: 4, chainHash });
    expect(chain.afterSeq()).toBe(2);
    chain.begin();
    expect(TRUE.slice(2).map(entry => chain.take(entry))).toEqual([false, true, true, true]);
    expect(seenChain({ seen: undefined, fromSeq: 1, chainHash }).afterSeq()).toBe(0);
  });

  it('a follower of the log that knows the id of the store takes no other first entry', () => {
    const follow = () => {
      const chain = seenChain({ seen: { seq: 0, hash: chainStart('a store') }, fromSeq: 1, chainHash });
      chain.begin();
      return chain;
    };
    expect(follow().afterSeq()).toBe(0);
    expect(follow().take(at(TRUE, 1))).toBe(true);
    for (const first of [{ ...at(TRUE, 1), actor: 'bob' }, at(TRUE, 2)])
      expect(() => follow().take(first)).toThrow(expect.objectContaining({ code: 'AUDIT_CONTRADICTED' }));
  });

  it.each([
    ['in which the last entry that it has is another one', [at(LIE, 3)], 'another hash'],
    ['that does not have its last entry', [at(TRUE, 4)], 'no entry 3'],
    ['that goes back', [at(TRUE, 3), at(TRUE, 2)], 'came after'],
    ['that leaves one out', [at(TRUE, 3), at(TRUE, 5)], 'came after'],
    ['that sends one twice', [at(TRUE, 3), at(TRUE, 4), at(TRUE, 4)], 'came after'],
    ['that goes on as another one', [at(TRUE, 3), at(LIE, 4)], 'does not follow'],
    ['that says something else', [at(TRUE, 3), { ...at(TRUE, 4), actor: 'bob' }], 'does not follow'],
    ['that was at another time', [at(TRUE, 3), { ...at(TRUE, 4), atMs: 5 }], 'does not follow'],
    ['about another host', [at(TRUE, 3), { ...at(TRUE, 4), host: 'web-01' }], 'does not follow'],
  ])('a follower of the log refuses a log %s', (_name, entries, problem) => {
    const chain = follower();
    chain.begin();
    expect(() => {
      for (const entry of entries) chain.take(entry);
    }).toThrow(
      expect.objectContaining({ code: 'AUDIT_CONTRADICTED', message: expect.stringContaining(problem) }),
    );
  });
});
