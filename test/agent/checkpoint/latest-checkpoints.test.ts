import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  CHECKPOINTS_FILE,
  HELD_LIMIT,
  LatestCheckpoints,
  readHeldCheckpoints,
} from '../../../agent/checkpoint/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { digestText, sha256 } from '../../../shared/tokens/index.ts';
import { BUNDLE, KEYS, START_MS, tokenOf } from '../../kit/cast.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const STORE = '0'.repeat(32);

interface Changes {
  readonly history?: string;
  readonly store?: string;
  readonly signer?: 'ctl-1' | 'mallory' | 'bob';
  readonly iatS?: number;
}

function checkpoint(seq: number, { history = 'true', store = STORE, signer = 'ctl-1', iatS }: Changes = {}) {
  const iat = iatS ?? Math.floor(START_MS / 1000);
  const hash = digestText(sha256(Buffer.from(`${history} ${seq}`)));
  return tokenOf('checkpoint', { iss: signer, iat, exp: iat + 3600, store, seq, hash }, KEYS[signer]);
}

describe('the checkpoints that a host holds', () => {
  let stateDirectory: string;
  let lines: string[];
  let contradictions: number;

  beforeEach(() => {
    stateDirectory = temporaryDirectory();
    lines = [];
    contradictions = 0;
  });

  function openCheckpoints(): LatestCheckpoints {
    const checkpoints = new LatestCheckpoints({
      stateDirectory,
      bundle: () => BUNDLE,
      clock: { nowMs: () => START_MS },
      log: pino({ level: 'debug' }, { write: line => void lines.push(line) }),
      random: () => 1,
      jitterMs: 3_600_000,
    });
    checkpoints.onContradicted(() => {
      contradictions += 1;
    });
    return checkpoints;
  }

  it('the checkpoints that a host holds are the newest few, kept over a restart, for the owner only', async () => {
    const first = openCheckpoints();
    expect(first.newest()).toBeUndefined();
    for (let seq = 1; seq <= HELD_LIMIT + 3; seq++) await first.take(await checkpoint(seq));
    const newest = await checkpoint(HELD_LIMIT + 3);
    expect(first.newest()).toBe(newest);
    expect(openCheckpoints().newest()).toBe(newest);
    expect(readHeldCheckpoints(stateDirectory).newest).toHaveLength(HELD_LIMIT);
    const path = join(stateDirectory, CHECKPOINTS_FILE);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(existsSync(`${path}.new`)).toBe(false);
    expect(lines).toEqual([]);
  });

  it('the checkpoints that a host holds do not go back: an older one is logged as an error, kept as evidence, and reported to the controller', async () => {
    await openCheckpoints().take(await checkpoint(20));
    const after = openCheckpoints();
    const older = await checkpoint(7);
    await after.take(older);
    await after.take(older);
    expect(after.newest()).toBe(await checkpoint(20));
    expect(readHeldCheckpoints(stateDirectory).contradicting).toEqual([older]);
    expect(contradictions).toBe(1);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 50, had: { seq: 20 }, got: { seq: 7 } });
  });

  it.each([
    ['another history of the same entry', 20, { history: 'other' }],
    ['another store', 21, { store: 'f'.repeat(32) }],
  ])(
    'the checkpoints that a host holds keep %s as evidence beside the first',
    async (_name, seq, changes) => {
      const held = openCheckpoints();
      await held.take(await checkpoint(20));
      await held.take(await checkpoint(seq, changes));
      expect(held.newest()).toBe(await checkpoint(20));
      expect(readHeldCheckpoints(stateDirectory).contradicting).toHaveLength(1);
      expect(contradictions).toBe(1);
    },
  );

  it('the checkpoints that a host holds are the same where the same head was signed at another time', async () => {
    const held = openCheckpoints();
    await held.take(await checkpoint(20));
    await held.take(await checkpoint(20, { iatS: START_MS / 1000 - 10 }));
    expect(contradictions).toBe(0);
  });

  it('the checkpoints that a host holds are bounded, whatever is sent', async () => {
    const held = openCheckpoints();
    await held.take(await checkpoint(1000));
    for (let seq = 1; seq < 30; seq++) await held.take(await checkpoint(seq));
    expect(readHeldCheckpoints(stateDirectory).contradicting).toHaveLength(HELD_LIMIT);
    expect(contradictions).toBe(HELD_LIMIT);
  });

  it('the checkpoints that a host holds are all taken later if they are only offered', async () => {
    const held = openCheckpoints();
    const [one, two] = [await checkpoint(1), await checkpoint(2)];
    for (const token of [one, two, one, undefined]) held.offer(token);
    expect(held.newest()).toBeUndefined();
    await held.takeOffered();
    expect(readHeldCheckpoints(stateDirectory).newest).toEqual([one, two]);
    await held.takeOffered();
    expect(readHeldCheckpoints(stateDirectory).newest).toEqual([one, two]);
  });

  it('the checkpoints that a host holds do not pile up while they wait', async () => {
    const held = openCheckpoints();
    for (let seq = 1; seq < 30; seq++) held.offer(await checkpoint(seq));
    await held.takeOffered();
    expect(readHeldCheckpoints(stateDirectory).newest).toHaveLength(HELD_LIMIT);
  });

  it.each([
    ['by nobody that is known', () => checkpoint(5, { signer: 'mallory' })],
    ['by an approver', () => checkpoint(5, { signer: 'bob' })],
    ['from the future', () => checkpoint(5, { iatS: START_MS / 1000 + 3600 })],
    ['that is none', async () => 'a.b.c'],
    ['that is nothing', async () => undefined],
  ])('the checkpoints that a host holds are not one %s', async (_name, made) => {
    const held = openCheckpoints();
    await held.take(await made());
    expect(held.newest()).toBeUndefined();
    expect(existsSync(join(stateDirectory, CHECKPOINTS_FILE))).toBe(false);
  });

  it('the checkpoints that a host holds start empty, and say so, if their file cannot be used', async () => {
    writeFileSync(join(stateDirectory, CHECKPOINTS_FILE), '{"newest":["x"],"contradicting":[]}');
    const held = openCheckpoints();
    expect(lines).toHaveLength(1);
    await held.take(await checkpoint(3));
    expect(openCheckpoints().newest()).toBe(await checkpoint(3));
  });

  it('the checkpoints that a host holds are read from any bytes as what they are, or as a FarcallError', () => {
    const path = join(stateDirectory, CHECKPOINTS_FILE);
    const read = (bytes: Uint8Array | string): void => {
      writeFileSync(path, bytes);
      try {
        const { newest, contradicting } = readHeldCheckpoints(stateDirectory);
        expect(newest.length + contradicting.length).toBeLessThanOrEqual(2 * HELD_LIMIT);
      } catch (error) {
        expect(error).toBeInstanceOf(FarcallError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), read), { numRuns: 200 });
    fc.assert(fc.property(fc.json(), read), { numRuns: 200 });
    read(`{"newest":["${'x'.repeat(70_000)}"],"contradicting":[]}`);
    expect(readFileSync(path).length).toBeGreaterThan(65_536);
  });
});
