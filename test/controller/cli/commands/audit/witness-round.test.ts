import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { witnessRounds } from '../../../../../controller/cli/commands/audit/witness-round.ts';
import { readWitnessState } from '../../../../../controller/cli/commands/audit/witness-state.ts';
import type { Session } from '../../../../../controller/cli/session/index.ts';
import { chainHash, chainStart } from '../../../../../controller/store/index.ts';
import type { AuditEntryView } from '../../../../../shared/messages/index.ts';
import { digestText, type TokenContent } from '../../../../../shared/tokens/index.ts';
import { BUNDLE, KEYS, type Member, OTHER_SITE, SITE, tokenOf } from '../../../../kit/cast.ts';
import { codeOf, testClock } from '../../../../kit/controller-kit.ts';
import { testTerminal } from '../../../../kit/terminal-kit.ts';

const STORE = 'a'.repeat(32);
const folder = mkdtempSync(join(tmpdir(), 'farcall-witness-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A log of `count` entries, in which `story` is told from entry `from` on. */
function logOf(count: number, { story = 'true', from = 1, store = STORE, kind = 'plan-made' } = {}) {
  let hash = chainStart(store);
  return Array.from({ length: count }, (_, index): AuditEntryView => {
    const seq = index + 1;
    const about = { kind, actor: 'alice', detail: JSON.stringify({ story: seq < from ? 'true' : story }) };
    hash = chainHash(hash, { seq, at_ms: seq, request_id: null, host: null, ...about });
    return { seq, atMs: seq, hash, ...about };
  });
}

/** A controller that serves what it likes. */
const served = {
  log: [] as AuditEntryView[],
  /** What its checkpoint says otherwise than the log does, and who signs it. */
  checkpoint: {} as Partial<TokenContent<'checkpoint'>>,
  signer: 'ctl-1' as Member,
  submitted: [] as string[],
};

describe('a witness', () => {
  const clock = testClock();
  let path: string;
  let files = 0;

  beforeEach(() => {
    path = join(folder, `statements-${files++}`);
    Object.assign(served, { log: logOf(6), checkpoint: {}, signer: 'ctl-1', submitted: [] });
  });

  const client = {
    async call(method: string, { token }: { readonly token?: string }) {
      if (method === 'submitStatement') return void served.submitted.push(token!);
      const { seq, hash } = served.log.at(-1) ?? { seq: 1, hash: new Uint8Array(32) };
      const iat = Math.floor(clock.nowMs() / 1000);
      const claims = { iss: 'ctl-1', iat, exp: iat + 60, store: STORE, seq, hash: digestText(hash) };
      return {
        checkpoint: await tokenOf('checkpoint', { ...claims, ...served.checkpoint }, KEYS[served.signer]),
      };
    },
    async *stream(
      _method: string,
      { afterSeq, limit }: { readonly afterSeq: number; readonly limit: number },
    ) {
      yield* served.log.filter(({ seq }) => seq > afterSeq).slice(0, limit);
    },
  };
  const identity = { name: 'carol', site: SITE };
  const session = { client, identity, key: KEYS.carol } as unknown as Session;
  const rounds = async () =>
    witnessRounds({
      ...{ context: { clock, terminal: testTerminal(), env: {} }, session, path },
      trusted: async () => BUNDLE,
      last: (await readWitnessState(path, identity)).at(-1),
      signal: new AbortController().signal,
    });
  const kept = async () => (await readWitnessState(path, identity)).map(({ seq }) => seq);

  it('a witness signs what is new, keeps it, hands it in, and goes on from there', async () => {
    const round = await rounds();
    expect(await round()).toMatchObject({ seq: 6, entryAtMs: 6 });
    expect(await round()).toBeUndefined();
    served.log = logOf(8);
    expect(await round()).toMatchObject({ seq: 8 });
    served.log = logOf(9);
    expect(await (await rounds())()).toMatchObject({ seq: 9 });
    expect([await kept(), served.submitted.length]).toEqual([[6, 8, 9], 3]);
  });

  it('a witness signs nothing where only witnesses said something', async () => {
    served.log = logOf(6, { kind: 'log-witnessed' });
    expect(await (await rounds())()).toBeUndefined();
    expect(existsSync(path)).toBe(false);
  });

  it.each<[string, Partial<typeof served>, string]>([
    [
      'whose first entry is of another store',
      { log: logOf(6, { store: 'b'.repeat(32) }) },
      'AUDIT_CONTRADICTED',
    ],
    [
      'in which a link is broken',
      { log: [...logOf(3), ...logOf(6, { story: 'lie' }).slice(3)] },
      'AUDIT_CONTRADICTED',
    ],
    [
      'of which its controller signed another hash',
      { checkpoint: { hash: digestText(new Uint8Array(32)) } },
      'AUDIT_CONTRADICTED',
    ],
    ['of which its controller signed more entries', { checkpoint: { seq: 7 } }, 'AUDIT_CONTRADICTED'],
    ['that no controller signed', { signer: 'mallory' }, 'TOKEN_KEY_UNKNOWN'],
    ['that an approver signed as a controller', { signer: 'bob' }, 'TOKEN_KEY_UNKNOWN'],
    ['that was signed for another site', { checkpoint: { site: OTHER_SITE } }, 'SITE_OTHER'],
  ])('a witness signs nothing of a log %s', async (_name, changes, code) => {
    Object.assign(served, changes);
    expect(await codeOf((await rounds())())).toBe(code);
    expect([existsSync(path), served.submitted]).toEqual([false, []]);
  });

  it.each<[string, Partial<typeof served>]>([
    ['was cut', { log: logOf(4) }],
    ['was cut and went on otherwise', { log: logOf(9, { story: 'lie', from: 5 }) }],
    ['was rewritten', { log: logOf(9, { story: 'lie' }) }],
    ['was emptied', { log: [] }],
    [
      'is of another store',
      { log: logOf(9, { store: 'b'.repeat(32) }), checkpoint: { store: 'b'.repeat(32) } },
    ],
  ])(
    'a witness signs nothing more if the log %s since, though a controller has signed it',
    async (_name, changes) => {
      await (await rounds())();
      const running = await rounds();
      Object.assign(served, changes);
      expect(await codeOf(running())).toBe('AUDIT_CONTRADICTED');
      expect([await kept(), served.submitted.length]).toEqual([[6], 1]);
    },
  );
});
