import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../controller/audit/index.ts';
import { appendToken, lastTokenIn, readTokenFile } from '../../../controller/audit/token-files/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { keyringOf } from '../../../shared/trust/index.ts';
import { BUNDLE, SITE } from '../../kit/cast.ts';
import { codeOf, controllerParts, introduce } from '../../kit/controller-kit.ts';
import { auditFolder, makerOn } from '../auditor/support/audited-store.ts';

async function linesOf(file: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readTokenFile(file)) lines.push(line);
  return lines;
}

describe('a file of checkpoints', () => {
  it('a file of checkpoints grows by a line each, for the owner only, and a torn line stays alone', async () => {
    const file = join(auditFolder(), 'checkpoints');
    expect(lastTokenIn(file)).toBeUndefined();
    appendToken(file, 'one');
    appendToken(file, 'two');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, 'half', { flag: 'a' });
    appendToken(file, 'three');
    expect(await linesOf(file)).toEqual(['one', 'two', 'half', 'three']);
    expect(lastTokenIn(file)).toBe('three');
  });

  it('a file of checkpoints is lines or a FarcallError, whatever is in it', async () => {
    const file = join(auditFolder(), 'checkpoints');
    const read = async (bytes: Uint8Array | string): Promise<void> => {
      writeFileSync(file, bytes);
      try {
        for (const line of await linesOf(file)) {
          await readCheckpoint(line, { site: SITE, keyring: keyringOf(BUNDLE.controllers) }).then(
            () => expect.fail('nobody signed this'),
            error => expect(error).toBeInstanceOf(FarcallError),
          );
        }
      } catch (error) {
        expect(error).toBeInstanceOf(FarcallError);
      }
      lastTokenIn(file);
    };
    const tokenLike = fc
      .array(
        fc.json().map(text => Buffer.from(text).toString('base64url')),
        { minLength: 1, maxLength: 4 },
      )
      .map(parts => parts.join('.'));
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), read), { numRuns: 150 });
    await fc.assert(fc.asyncProperty(tokenLike, read), { numRuns: 150 });
    writeFileSync(file, 'x'.repeat(100_000));
    expect(await codeOf(linesOf(file))).toBe('FILE_UNREADABLE');
    expect(await codeOf(linesOf(join(file, 'none')))).toBe('FILE_UNREADABLE');
  });
});

describe('the maker of checkpoints', () => {
  it('the maker of checkpoints signs what is new, after a time or after many entries, and once', async () => {
    const file = join(auditFolder(), 'checkpoints');
    const parts = controllerParts();
    const maker = await makerOn(parts, file);
    expect(maker.newest()).toBeUndefined();
    await introduce(parts);
    await maker.makeIfDue();
    const first = maker.newest();
    const { seq } = await readCheckpoint(first ?? '', { site: SITE, keyring: keyringOf(BUNDLE.controllers) });
    expect(seq).toBe((await parts.audit.head()).seq);
    parts.clock.advance(9000);
    await parts.audit.note({
      kind: 'order-published',
      actor: 'x',
      requestId: 'req1',
      detail: { order: 'x' },
    });
    await maker.makeIfDue();
    expect(maker.newest()).toBe(first);
    parts.clock.advance(1000);
    await maker.makeIfDue();
    expect(maker.newest()).not.toBe(first);
    parts.clock.advance(20_000);
    await maker.makeIfDue();
    await maker.make();
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2);
  });

  it('the maker of checkpoints goes on where its file cannot be written', async () => {
    const parts = controllerParts();
    await introduce(parts);
    const maker = await makerOn(parts, '/proc/nowhere/checkpoints');
    expect(maker.newest()).toBeDefined();
  });

  it('the maker of checkpoints notes a log of which it has no checkpoint at all', async () => {
    const parts = controllerParts();
    await introduce(parts);
    await makerOn(parts);
    const [noted] = await parts.audit.page({ kind: 'checkpoint-conflict', afterSeq: 0, limit: 9 });
    expect(noted?.detail).toContain('no checkpoint vouched for the last 9 entries');
  });
});
