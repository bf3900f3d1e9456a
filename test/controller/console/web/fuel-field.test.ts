import { expect, test } from 'vitest';
import {
  callDraftOf,
  EMPTY_DRAFT,
  planDraftOf,
  validate,
} from '../../../../controller/console/web/pages/new-request/draft.ts';
import { FUEL_LIMIT } from '../../../../shared/messages/index.ts';

const filled = { ...EMPTY_DRAFT, program: '1', selector: '*', reason: 'to see' };

test.each([
  ['', undefined],
  [' 20,000,000 ', 20_000_000],
  ['1', 1],
  [String(FUEL_LIMIT), FUEL_LIMIT],
])('the turns of loops %j go into plan and request as %s', (fuel, expected) => {
  const draft = { ...filled, fuel };
  expect(validate(draft)).toEqual({});
  expect([planDraftOf(draft).fuel, callDraftOf(draft, undefined).fuel]).toEqual([expected, expected]);
});

test.each(['0', 'many', '-5', '1.5', '1e9', String(FUEL_LIMIT + 1)])(
  'the page refuses %j as a number of turns',
  fuel => {
    expect(validate({ ...filled, fuel })).toEqual({
      fuel: 'Write a number of turns, from 1 to 1,000,000,000.',
    });
  },
);
