import { expect, test } from 'vitest';
import { rolloutFrom } from '../../../../controller/cli/commands/ask/index.ts';
import { rolloutIn } from '../../../../controller/console/web/pages/new-request/rollout-fields.ts';

const EMPTY = { maxFailed: '', maxFailedShare: '', answerWithin: '', notApplicableOk: false };

test.each([
  [['1; manual', '10%; bake 5m', 'rest'], EMPTY],
  [
    ['role=canary; bake 30m; manual', '5 of env=prod', 'rest'],
    { ...EMPTY, maxFailed: '20', maxFailedShare: '0.5%' },
  ],
  [['rest'], { ...EMPTY, answerWithin: '2m', notApplicableOk: true }],
])('waves mean the same on the page as on the command line: %j', (waves, fields) => {
  const options = {
    wave: waves,
    ...(fields.maxFailed && { maxFailed: fields.maxFailed }),
    ...(fields.maxFailedShare && { maxFailedShare: fields.maxFailedShare }),
    ...(fields.answerWithin && { answerWithin: fields.answerWithin }),
    notApplicableOk: fields.notApplicableOk,
  };
  expect(rolloutIn({ waves, ...fields }, 30_000)).toEqual(rolloutFrom(options, 30_000));
});

test.each([
  ['10%; soon', "'soon' is not known"],
  ['0', 'is not a wave'],
  ['5; bake x', "'x' is not a duration"],
])('the page says what is wrong with the wave %s', (wave, problem) => {
  expect(() => rolloutIn({ waves: [wave], ...EMPTY }, 1000)).toThrow(problem);
});

test('a form without waves makes a request without a rollout', () => {
  expect(rolloutIn({ waves: [' '], ...EMPTY }, 1000)).toBeUndefined();
});
