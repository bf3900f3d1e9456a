import { describe, expect, it } from 'vitest';
import { statusLines } from '../../../controller/views/index.ts';
import type { ControllerStatus } from '../../../shared/messages/index.ts';
import { START_MS } from '../../kit/cast.ts';

const WELL: ControllerStatus = {
  ...{ controller: 'ctl-1', nowMs: START_MS + 180_000, storeState: 'ok', waitingRequests: 2 },
  ...{ clocksKnown: 9, clocksWrong: 0, clocks: [] },
};
const SINCE = new Date(START_MS).toISOString().slice(0, 19).replace('T', ' ');

describe('the lines about what a controller cannot do', () => {
  it('the lines about what a controller cannot do are none while all is well', () => {
    expect(statusLines(WELL)).toEqual([]);
  });

  it('the lines about what a controller cannot do say since when the broker is away, and what waits for it', () => {
    expect(statusLines({ ...WELL, brokerAwaySinceMs: START_MS })).toEqual([
      `The broker has been away since ${SINCE} UTC (3 min): no order, abort or result gets through; 2 requests wait for it.`,
    ]);
  });

  it.each([
    ['full', 'The disk of the store has been full', 'nothing can be requested, approved, ordered or aborted'],
    ['away', 'The store has been away', 'nothing can be read or changed'],
    ['failing', 'The store has been failing', 'nothing can be read or changed'],
  ] as const)(
    'the lines about what a controller cannot do say since when its store is %s',
    (storeState, begin, means) => {
      const [line, ...more] = statusLines({ ...WELL, storeState, storeSinceMs: START_MS });
      expect(more).toEqual([]);
      expect(line).toContain(`${begin} since ${SINCE} UTC (3 min): ${means}`);
    },
  );

  it('the lines about what a controller cannot do name hosts with wrong clocks, and say how wrong', () => {
    const clocks = [
      { host: 'web-1', offsetMs: 300_000 },
      { host: 'web-2', offsetMs: -86_400_000 },
    ];
    expect(statusLines({ ...WELL, clocks, clocksWrong: 2 })).toEqual([
      'Clocks are wrong: web-1 is 5 min ahead, web-2 is 24 h behind; no order or result of these hosts counts until their clocks are right.',
    ]);
    expect(statusLines({ ...WELL, clocks, clocksWrong: 7 })[0]).toMatch(
      /web-2 is 24 h behind and 5 more; most hosts differ, so it may be this controller's own clock/,
    );
  });
});
