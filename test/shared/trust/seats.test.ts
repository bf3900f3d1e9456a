import { describe, expect, it } from 'vitest';
import { quorum } from '../../../shared/trust/seats.ts';

const TEAMS = [
  { name: 'kernel', members: ['alice', 'bob'] },
  { name: 'db', members: ['bob', 'carol'] },
];
const counted = (approvers: string[], threshold: number, changes: object = {}) =>
  quorum(approvers, {
    request: { policy: 'standard' },
    bundle: {
      thresholds: { standard: { read: 1, call: 2, write: 2, teams: { kernel: 1, db: 1 } } },
      teams: TEAMS,
      ...changes,
    },
    threshold,
  });

describe('the seats of teams', () => {
  it('the seats of teams are not asked for where fewer approvals are needed than there are seats', () => {
    expect(counted(['mallory'], 1)).toEqual({ enough: true, threshold: 1, emptySeats: [] });
    expect(counted([], 0)).toEqual({ enough: true, threshold: 0, emptySeats: [] });
  });

  it('the seats of teams do not lower the number of approvals', () => {
    expect(counted(['bob', 'carol'], 2)).toEqual({ enough: true, threshold: 2, emptySeats: [] });
    expect(counted(['bob', 'carol'], 3)).toMatchObject({ enough: false, emptySeats: [] });
    expect(counted(['bob', 'carol'], 2).enough).toBe(true);
  });

  it('the seats of teams that nobody fills are named', () => {
    expect(counted(['carol', 'mallory'], 2)).toEqual({ enough: false, threshold: 2, emptySeats: ['kernel'] });
    expect(counted(['mallory', 'eve'], 2)).toMatchObject({ emptySeats: ['kernel', 'db'] });
    expect(counted(['alice', 'bob'], 2)).toMatchObject({ enough: true, emptySeats: [] });
  });

  it('the seats of teams that a bundle lacks are empty, and a policy without teams has none', () => {
    expect(counted(['alice', 'bob'], 2, { teams: undefined })).toMatchObject({
      emptySeats: ['kernel', 'db'],
    });
    expect(counted(['alice', 'bob'], 2, { teams: [TEAMS[0]] })).toMatchObject({ emptySeats: ['db'] });
    const thresholds = { standard: { read: 1, call: 2, write: 2 } };
    expect(counted(['mallory', 'eve'], 2, { thresholds })).toMatchObject({ enough: true, emptySeats: [] });
    expect(counted(['mallory'], 1, { thresholds: {} })).toMatchObject({ enough: true, emptySeats: [] });
  });
});
