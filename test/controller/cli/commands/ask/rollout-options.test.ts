import { describe, expect, it } from 'vitest';
import { rolloutFrom } from '../../../../../controller/cli/commands/ask/index.ts';
import { renderRollout } from '../../../../../controller/cli/output/rollout-text.ts';
import type { CallRequest } from '../../../../../shared/messages/index.ts';
import { FAILING_OUTCOMES } from '../../../../../shared/outcome/index.ts';

describe('the waves of a request on the command line', () => {
  it('without --wave there is no rollout, and other rollout options are refused', () => {
    expect(rolloutFrom({ wave: [] }, 30_000)).toBeUndefined();
    for (const lone of [{ bake: '1m' }, { manual: true }, { maxFailed: '1' }, { answerWithin: '1m' }])
      expect(() => rolloutFrom({ wave: [], ...lone }, 30_000)).toThrow('is about waves; add --wave');
  });

  it('options apply to every wave, and a wave can have its own settings', () => {
    const wave = ['role=canary; bake 30m; manual', '2 of role=db', 'rest'];
    expect(rolloutFrom({ wave, bake: '5m', maxFailedShare: '1%', answerWithin: '2m' }, 30_000)).toEqual({
      waves: [
        { size: 'rest', selector: 'role=canary', bakeMs: 1_800_000, manual: true },
        { size: '2', selector: 'role=db', bakeMs: 300_000, manual: false },
        { size: 'rest', bakeMs: 300_000, manual: false },
      ],
      gate: {
        maxFailedHosts: 0xffff_ffff,
        maxFailedPermille: 10,
        failing: [...FAILING_OUTCOMES],
        health: true,
        notApplicableOk: false,
      },
      answerWithinMs: 120_000,
    });
    expect(rolloutFrom({ wave: ['rest'] }, 30_000)).toMatchObject({
      gate: { maxFailedHosts: 0, maxFailedPermille: 1000 },
      answerWithinMs: 90_000,
    });
  });

  it.each([
    ['rest; often', "'often' is not known"],
    ['10pct', 'column 1: expected a condition'],
    ['rest; bake soon', "'soon' is not a duration"],
    ['0', "'0' is not a wave"],
  ])('the wave %j is refused', (wave, problem) =>
    expect(() => rolloutFrom({ wave: [wave] }, 1000)).toThrow(problem),
  );

  it('--not-applicable-ok is signed with the gate, and shown', () => {
    const rollout = rolloutFrom({ wave: ['rest'], notApplicableOk: true }, 30_000);
    expect(rollout?.gate.notApplicableOk).toBe(true);
    expect(renderRollout({ rollout } as CallRequest)).toContain(
      '             a wave on which no host can run it passes',
    );
    expect(() => rolloutFrom({ wave: [], notApplicableOk: true }, 30_000)).toThrow('add --wave');
  });

  it('the text for approvers shows the waves, the gate and the time limit', () => {
    const rollout = rolloutFrom({ wave: ['role=canary; manual', '10%', 'rest'], maxFailed: '2' }, 30_000);
    expect(renderRollout({ rollout } as CallRequest)).toEqual([
      '  wave 1     role=canary, then waits for promotion',
      '  wave 2     10%',
      '  wave 3     rest',
      '  gate       at most 2 hosts may fail (any outcome except returned, skipped and not-applicable, or unhealthy afterwards)',
      '             a wave on which no host can run it fails',
      '  answers    within 90 s; a host that is silent until then counts as unreachable',
    ]);
  });
});
