import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rollout, WaveSpec } from '../../../shared/messages/index.ts';
import { gateOf } from '../../../shared/rollout/index.ts';
import { inSlice, sliceNumber } from '../../../shared/targets/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import { type Assignment, assignWaves, waveOfLateJoiner } from '../../../shared/waves/index.ts';

interface Host {
  readonly host: string;
  readonly role: string;
}

const ROLES = ['web', 'db', 'canary'] as const;
const matches = (selector: string, { role }: Host): boolean => selector === `role=${role}`;

const hostsOf = (count: number): Host[] =>
  Array.from({ length: count }, (_, index) => ({ host: `h-${index}`, role: ROLES[index % 3] ?? 'web' }));

const rollout = (...waves: Pick<WaveSpec, 'size' | 'selector'>[]): Rollout => ({
  waves: waves.map(wave => ({ bakeMs: 0, manual: false, ...wave })),
  gate: gateOf({}),
  answerWithinMs: 1000,
});

const size = fc.oneof(
  fc.integer({ min: 1, max: 30 }).map(String),
  fc.integer({ min: 1, max: 100 }).map(share => `${share}%`),
  fc.constant('rest'),
);
const wave = fc.record(
  { size, selector: fc.constantFrom(...ROLES.map(role => `role=${role}`)) },
  { requiredKeys: ['size'] },
);
const scene = fc.record({
  hosts: fc.integer({ min: 1, max: 120 }).map(hostsOf),
  waves: fc.array(wave, { maxLength: 6 }).map(waves => rollout(...waves, { size: 'rest' })),
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});

/** Whether the order of that wave is taken by the host. */
function reaches({ waves }: Assignment, number: number, host: Host, digest: Uint8Array): boolean {
  const found = waves.find(each => each.number === number)!;
  return (
    inSlice(found.slice, digest, host.host) && (found.selector === undefined || matches(found.selector, host))
  );
}

/** The assignment, or undefined where a selector takes nobody, which is refused. */
function assigned({ hosts, waves, digest }: typeof scene extends fc.Arbitrary<infer T> ? T : never) {
  try {
    return assignWaves({ rollout: waves, requestDigest: digest, hosts, matches });
  } catch (error) {
    expect(error).toMatchObject({ code: 'ROLLOUT_INVALID' });
    return undefined;
  }
}

describe('waves', () => {
  it('waves take every expected host exactly once, and count them', () => {
    fc.assert(
      fc.property(scene, each => {
        const found = assigned(each);
        if (!found) return;
        expect([...found.waveOf.keys()].sort()).toEqual(each.hosts.map(({ host }) => host).sort());
        for (const { number, hosts } of found.waves)
          expect([...found.waveOf.values()].filter(of => of === number)).toHaveLength(hosts);
      }),
    );
  });

  it('waves reach their hosts by slice and selector, and beside them none whose wave comes later', () => {
    fc.assert(
      fc.property(scene, each => {
        const found = assigned(each);
        if (!found) return;
        for (const host of each.hosts) {
          const own = found.waveOf.get(host.host)!;
          for (const { number } of found.waves) {
            const reached = reaches(found, number, host, each.digest);
            if (number === own) expect(reached).toBe(true);
            if (reached) expect(own).toBeLessThanOrEqual(number);
          }
        }
      }),
    );
  });

  it('waves are the same for everybody who computes them, in whatever order the hosts come', () => {
    fc.assert(
      fc.property(scene, each => {
        const found = assigned(each);
        const again = assigned({ ...each, hosts: [...each.hosts].reverse() });
        expect(again?.waves).toEqual(found?.waves);
        expect(again && new Map([...again.waveOf].sort())).toEqual(
          found && new Map([...found.waveOf].sort()),
        );
      }),
    );
  });

  it('waves reach every host that joins later', () => {
    fc.assert(
      fc.property(scene, fc.nat(1000), (each, name) => {
        const found = assigned(each);
        const host = { host: `joiner-${name}`, role: 'web' };
        const { digest: requestDigest } = each;
        if (found) expect(waveOfLateJoiner(found.waves, { requestDigest, host, matches })).toBeGreaterThan(0);
      }),
    );
  });

  const counts = (hosts: number, ...waves: Pick<WaveSpec, 'size' | 'selector'>[]): number[] =>
    assignWaves({
      rollout: rollout(...waves),
      requestDigest: sha256(),
      hosts: hostsOf(hosts),
      matches,
    }).waves.map(each => each.hosts);

  it.each([
    [100, ['1', '10%', 'rest'], [1, 10, 89]],
    [101, ['10%', '10%', 'rest'], [11, 11, 79]],
    [3, ['1%', 'rest'], [1, 2]],
    [2, ['5', 'rest'], [2, 0]],
    [10, ['50%', '50%'], [5, 5]],
  ] as const)('%i hosts as %j are %j', (hosts, sizes, expected) => {
    expect(counts(hosts, ...sizes.map(each => ({ size: each })))).toEqual(expected);
  });

  it('waves begin with those that a selector means, all or so many', () => {
    expect(counts(30, { size: 'rest', selector: 'role=canary' }, { size: '50%' }, { size: 'rest' })).toEqual([
      10, 15, 5,
    ]);
    expect(counts(30, { size: '2', selector: 'role=canary' }, { size: 'rest' })).toEqual([2, 28]);
  });

  it('waves are refused where they leave hosts over, or a selector takes none', () => {
    expect(() => counts(10, { size: '3' })).toThrow(
      "no wave takes 7 of the 10 hosts; end with the wave 'rest'",
    );
    expect(() => counts(10, { size: 'rest', selector: 'role=none' }, { size: 'rest' })).toThrow(
      "wave 1 takes no host: no remaining host matches 'role=none'",
    );
  });

  it('waves do not split hosts with equal numbers', () => {
    const digest = sha256();
    const [one, other] = equalNumbers(digest);
    const hosts = [one, other].map(host => ({ host, role: 'web' }));
    const found = assignWaves({
      rollout: rollout({ size: '1' }, { size: 'rest' }),
      requestDigest: digest,
      hosts,
      matches,
    });
    expect(found.waves.map(each => each.hosts)).toEqual([2, 0]);
  });
});

/** Two names with one number: there are some among a few hundred thousand. */
function equalNumbers(digest: Uint8Array): readonly [string, string] {
  const seen = new Map<number, string>();
  for (let index = 0; ; index++) {
    const name = `h-${index}`;
    const number = sliceNumber(digest, name);
    const before = seen.get(number);
    if (before !== undefined) return [before, name];
    seen.set(number, name);
  }
}
