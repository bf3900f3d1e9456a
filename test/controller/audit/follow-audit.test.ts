import { expect, it } from 'vitest';
import { followAudit } from '../../../controller/audit/index.ts';
import { controllerParts } from '../../kit/controller-kit.ts';

const NEVER = new AbortController().signal;
const noted = (problem: string) => ({
  ...{ kind: 'checkpoint-conflict' as const, actor: 'controller' },
  detail: { holder: 'a test', seq: 1, problem, checkpoint: '0'.repeat(64) },
});

it('a follower of the log gets what is there, then what is written, until its time is over', async () => {
  const { audit } = controllerParts();
  await audit.note(noted('one'));
  const seqs: number[] = [];
  for await (const { seq } of followAudit({ audit, followMs: 1200 }, { afterSeq: 0, limit: 10 }, NEVER)) {
    seqs.push(seq);
    if (seq < 3) await audit.note(noted('another'));
  }
  expect(seqs).toEqual([1, 2, 3]);
});

it('a follower of the log gets no more than it asked for', async () => {
  const { audit } = controllerParts();
  for (let count = 0; count < 5; count++) await audit.note(noted('one'));
  const seqs: number[] = [];
  for await (const { seq } of followAudit({ audit }, { afterSeq: 1, limit: 2 }, NEVER)) seqs.push(seq);
  expect(seqs).toEqual([2, 3]);
});

it.each([
  ['a log that ends before what they have seen', { afterSeq: 2, limit: 10 }, 'AUDIT_CONTRADICTED'],
  ['a part of the log', { afterSeq: 0, limit: 10, kind: 'plan-made' }, 'CONFIG_INVALID'],
])('nobody follows %s', async (_name, filter, code) => {
  const { audit } = controllerParts();
  await audit.note(noted('one'));
  await expect(followAudit({ audit }, filter, NEVER).next()).rejects.toMatchObject({ code });
});

it('a follower whose call was ended is left alone', async () => {
  const { audit } = controllerParts();
  const ending = new AbortController();
  const following = followAudit({ audit }, { afterSeq: 0, limit: 10 }, ending.signal);
  const next = following.next();
  ending.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});
