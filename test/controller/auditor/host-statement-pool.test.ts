import { describe, expect, it } from 'vitest';
import { hostStatementVerifier } from '../../../controller/auditor/index.ts';
import { hostFactsCodec } from '../../../shared/messages/index.ts';
import { HOSTS, SITE, START_MS } from '../../kit/cast.ts';
import { factsOf, signStatement } from '../../kit/host-statements.ts';

const { one, two } = HOSTS;

/** Facts of demo-1 that are good, or signed by demo-2 instead. */
async function job(good: boolean) {
  const bytes = hostFactsCodec.encode(factsOf(one));
  const signer = good ? one : { ...two, name: one.name };
  const signature = await signStatement(signer, { what: 'facts', bytes, nowMs: START_MS });
  const publicJwk = JSON.stringify(one.key.publicJwk);
  return { site: SITE, what: 'facts', host: one.name, publicJwk, bytes, signature, nowMs: START_MS } as const;
}

describe('the statements of hosts', () => {
  it.each([
    ['in this thread', { alone: 1000 }],
    ['in threads', { alone: 0, threads: 2 }],
  ])(
    'the statements of hosts are verified %s, each verdict with its own statement',
    async (_name, options) => {
      const checker = hostStatementVerifier(options);
      const [good, bad] = [await job(true), await job(false)];
      const asked = Array.from({ length: 150 }, (_, index) => index % 7 !== 3);
      const verdicts = await Promise.all(asked.map(isGood => checker.check(isGood ? good : bad)));
      await checker.close();
      expect(verdicts.map(({ problem }) => problem === undefined)).toEqual(asked);
      expect(verdicts[0]?.facts).toMatchObject({ host: 'demo-1' });
      expect(verdicts[3]?.problem).toContain('no trusted key has the id');
    },
  );

  it('the statements of hosts get a verdict even if they are nothing at all', async () => {
    const checker = hostStatementVerifier({ alone: 0, threads: 1 });
    const good = await job(true);
    for (const wrong of [{ publicJwk: '{' }, { signature: '' }, { bytes: new Uint8Array(9) }, { host: 'x' }])
      expect((await checker.check({ ...good, ...wrong })).problem).toBeTruthy();
    await checker.close();
  });
});
