import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import {
  failedHosts,
  formatWave,
  gateOf,
  idleProblem,
  limitsText,
  parseShare,
  parseWave,
  passedLimit,
  plainRollout,
} from '../../../shared/rollout/index.ts';

describe('a wave as people write it', () => {
  it.each([
    ['5', { size: '5' }],
    [' 10% ', { size: '10%' }],
    ['rest', { size: 'rest' }],
    ['role=canary', { size: 'rest', selector: 'role=canary' }],
    ['5 of role=canary,env=prod', { size: '5', selector: 'role=canary,env=prod' }],
    ['1% of *', { size: '1%', selector: '*' }],
  ])('the text %s is read as a wave', (text, wave) => expect(parseWave(text)).toEqual(wave));

  it.each(['', ' ', '0', '-1', '0%', '101%', '1.5', '1.5%', '+3'])(
    'a wave as people write it is not %j',
    text => expect(() => parseWave(text)).toThrow(/is not a wave; write 5, 10%, rest/),
  );

  it('a wave as people write it is read as it is written', () => {
    const size = fc.constantFrom('1', '999999999', '1%', '100%', 'rest');
    const wave = fc.record(
      { size, selector: fc.constantFrom('a=b', 'a!=b,c=d', '*') },
      { requiredKeys: ['size'] },
    );
    fc.assert(fc.property(wave, each => void expect(parseWave(formatWave(each))).toEqual(each)));
  });

  it('a wave as people write it is a wave or an error, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        try {
          expect(parseWave(text).size).toMatch(/^([1-9][0-9]*%?|rest)$/);
        } catch (error) {
          expect(error).toBeInstanceOf(FarcallError);
        }
      }),
    );
  });
});

describe('limits', () => {
  it('limits are read and said', () => {
    expect([parseShare('1%'), parseShare('0.5%'), parseShare('100%'), parseShare('0%')]).toEqual([
      10, 5, 1000, 0,
    ]);
    for (const wrong of ['', '1', '101%', '1.55%', '-1%', 'x%'])
      expect(() => parseShare(wrong)).toThrow(FarcallError);
    expect(limitsText(gateOf({}))).toBe('at most 0 hosts');
    expect(limitsText(gateOf({ maxFailedHosts: 1, maxFailedPermille: 5 }))).toBe(
      'at most 1 host and 0.5% of a wave',
    );
    expect(limitsText(plainRollout(1).gate)).toBe('without limit');
  });

  it('a wave on which nothing ran on any host fails if hosts lack what the program names', () => {
    const tally = (outcome: Outcome, hosts: number) => ({ outcome, hosts, unhealthy: 0 });
    const idle = (...tallies: ReturnType<typeof tally>[]) => idleProblem(gateOf({}), tallies, 5);
    expect(idle(tally('not-applicable', 5))).toBe(
      'nothing ran on any of 5 hosts, and 5 of them lack what the program names',
    );
    expect(idle(tally('not-applicable', 1), tally('load-error', 4))).toBeDefined();
    expect(idle(tally('not-applicable', 4), tally('returned', 1))).toBeUndefined();
    expect(idle(tally('not-applicable', 4), tally('unreachable', 1))).toBeUndefined();
    expect(idle(tally('not-applicable', 4))).toBeUndefined();
    expect(idle(tally('load-error', 5))).toBeUndefined();
    expect(idle()).toBeUndefined();
    const lenient = gateOf({ notApplicableOk: true });
    expect(idleProblem(lenient, [tally('not-applicable', 5)], 5)).toBeUndefined();
  });

  it('limits are passed by more than they say, not by as many', () => {
    const both = gateOf({ maxFailedHosts: 2, maxFailedPermille: 100 });
    expect(passedLimit(both, 2, 100)).toBeUndefined();
    expect(passedLimit(both, 3, 100)).toBe('3 of 100 hosts failed, and 2 may');
    expect(passedLimit(both, 2, 20)).toBeUndefined();
    expect(passedLimit(both, 2, 19)).toBe('2 of 19 hosts failed, and 10% may');
    expect(passedLimit(gateOf({}), 0, 5)).toBeUndefined();
    expect(passedLimit(gateOf({}), 1, 5)).toBeDefined();
    expect(passedLimit(gateOf({ maxFailedPermille: 1000 }), 5, 5)).toBeUndefined();
    expect(passedLimit(plainRollout(1).gate, 5, 5)).toBeUndefined();
  });

  it('limits count a host once, whether it failed, was unwell, or both', () => {
    const gate = gateOf({});
    const tallies = [
      { outcome: 'returned', hosts: 10, unhealthy: 2 },
      { outcome: 'faulted', hosts: 3, unhealthy: 3 },
      { outcome: 'skipped', hosts: 4, unhealthy: 0 },
    ] as const;
    expect(failedHosts(gate, tallies)).toBe(5);
    expect(failedHosts({ ...gate, health: false }, tallies)).toBe(3);
  });
});
