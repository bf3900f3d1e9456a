import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleHosts } from '../../../controller/plan/index.ts';
import type { KnownHost } from '../../../controller/requests/index.ts';
import { hostOf } from '../../kit/cast.ts';
import { factsOf } from '../../kit/host-statements.ts';

const { key } = hostOf('demo-1');

function host(name: string, kernelRelease: string, { version = '#1', lastSeenMs = 0 } = {}): KnownHost {
  const facts = factsOf({ name, key }, { kernelRelease, kernelVersion: version });
  const record = {
    host: name,
    kid: key.kid,
    labels: {},
    labelsNumber: 0,
    facts: new Uint8Array(),
    firstSeenMs: 0,
    lastSeenMs,
    trust: undefined,
    lockReason: undefined,
  };
  return { record, facts };
}

const FLEET = [
  host('a', '6.1.0', { lastSeenMs: 1 }),
  host('b', '6.1.0', { lastSeenMs: 3 }),
  host('c', '6.1.0', { lastSeenMs: 2 }),
  host('d', '6.12.0'),
  host('e', '6.12.0', { version: '#2' }),
];

describe('the hosts that a plan asks', () => {
  it('the hosts that a plan asks are one of each kernel build, the one heard of last; the largest build stands first', () => {
    expect(sampleHosts(FLEET, { perKernel: 1, hosts: [] })).toEqual([
      { release: '6.1.0', version: '#1', arch: 'x86_64', hosts: 3, asked: ['b'] },
      { release: '6.12.0', version: '#1', arch: 'x86_64', hosts: 1, asked: ['d'] },
      { release: '6.12.0', version: '#2', arch: 'x86_64', hosts: 1, asked: ['e'] },
    ]);
  });

  it('the hosts that a plan asks are several where that is asked for', () => {
    expect(sampleHosts(FLEET, { perKernel: 2, hosts: [] }).map(({ asked }) => asked)).toEqual([
      ['b', 'c'],
      ['d'],
      ['e'],
    ]);
  });

  it('the hosts that a plan asks are those that are named', () => {
    expect(sampleHosts(FLEET, { perKernel: 1, hosts: ['a', 'e'] }).map(({ asked }) => asked)).toEqual([
      ['a'],
      [],
      ['e'],
    ]);
    expect(() => sampleHosts(FLEET, { perKernel: 1, hosts: ['z'] })).toThrow('z is none of the 5 hosts');
  });

  it('the hosts that a plan asks are no more than sixty-four, one of each build before a second of any; every host is counted', () => {
    const fleet = fc.array(fc.tuple(fc.nat(99), fc.nat(5)), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(fleet, fc.integer({ min: 1, max: 8 }), (drawn, perKernel) => {
        const hosts = drawn.map(([release, lastSeenMs], index) =>
          host(`h-${index}`, `6.${release}`, { lastSeenMs }),
        );
        const kernels = sampleHosts(hosts, { perKernel, hosts: [] });
        expect(kernels.reduce((sum, each) => sum + each.hosts, 0)).toBe(hosts.length);
        const asked = kernels.flatMap(each => each.asked);
        expect(asked.length).toBeLessThanOrEqual(64);
        expect(new Set(asked).size).toBe(asked.length);
        for (const each of kernels)
          expect(each.asked.length).toBeLessThanOrEqual(Math.min(perKernel, each.hosts));
        if (kernels.length <= 64) for (const each of kernels) expect(each.asked.length).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
  });
});
