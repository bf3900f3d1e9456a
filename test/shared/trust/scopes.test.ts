import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  outsideScope,
  quorum,
  type Scope,
  type ScopedAct,
  type Team,
  type TrustBundle,
} from '../../../shared/trust/index.ts';
import { bundleAt, entryOf, START_MS } from '../../kit/cast.ts';

function bundleWith(changes: object = {}): TrustBundle {
  const approvers = [entryOf('bob'), entryOf('carol'), entryOf('mallory')];
  return bundleAt(START_MS, { approvers, ...changes });
}

const READ: ScopedAct = { request: { policy: 'standard', effect: 'read' } };
const CALL: ScopedAct = { request: { policy: 'standard', effect: 'call' } };
const DB = { host: 'db-1', labels: { role: 'db' } };
const WEB = { host: 'web-1', labels: { role: 'web' } };

/** Why alice may not ask for `act` where these scopes limit her. */
function alice(act: ScopedAct, ...scopes: Omit<Scope, 'may' | 'person'>[]): string | undefined {
  const bundle = bundleWith({ scopes: scopes.map(scope => ({ may: 'request', person: 'alice', ...scope })) });
  return outsideScope(bundle, { person: 'alice', may: 'request' }, act);
}

describe('a scope of a person', () => {
  it('limits nobody else, and not their other right', () => {
    const scopes = [{ may: 'approve', person: 'bob', effects: ['read'] }];
    const bundle = bundleWith({ scopes });
    expect(outsideScope(bundle, { person: 'carol', may: 'approve' }, CALL)).toBeUndefined();
    expect(outsideScope(bundle, { person: 'bob', may: 'request' }, CALL)).toBeUndefined();
    expect(outsideScope(bundle, { person: 'bob', may: 'approve' }, CALL)).toBe(
      'the effect call is outside their scope',
    );
  });

  it('a scope of a person covers only the effects, policies, hosts and functions that it names', () => {
    expect(alice(CALL, { effects: ['read'] })).toMatch(/effect call/);
    expect(alice(CALL, { policies: ['emergency'] })).toMatch(/policy standard/);
    expect(alice({ ...CALL, hosts: [DB, WEB] }, { hosts: 'role=db' })).toBe(
      'web-1 is outside their scope, which is hosts role=db',
    );
    expect(alice({ ...CALL, callees: ['get_task', 'panic'] }, { functions: ['get_*'] })).toMatch(/panic/);
    const all = { effects: ['call'], policies: ['standard'], hosts: 'role=db', functions: ['get_*'] };
    const act = { ...CALL, hosts: [DB], callees: ['get_task'] };
    expect(alice(act, all as Omit<Scope, 'may' | 'person'>)).toBeUndefined();
  });

  it('a scope of a person that names functions covers no indirect calls, whose functions nobody can name', () => {
    const act = { request: { ...CALL.request, indirectCalls: true }, callees: ['get_task'] };
    expect(alice(act, { functions: ['get_*'] })).toMatch(/indirect calls/);
    expect(alice(act, { functions: ['*'] })).toBeUndefined();
    expect(alice(act, { effects: ['call'] })).toBeUndefined();
  });

  it('a scope of a person does not add up with another scope on one host, and does over several hosts', () => {
    const reads = { effects: ['read' as const], hosts: 'role=web' };
    const calls = { effects: ['call' as const], hosts: 'role=db' };
    expect(alice({ ...CALL, hosts: [WEB] }, reads, calls)).toMatch(/none of their 2 scopes covers it/);
    const anyOn = (hosts: string) => ({ hosts });
    expect(alice({ ...READ, hosts: [DB, WEB] }, anyOn('role=db'), anyOn('role=web'))).toBeUndefined();
  });

  it('a scope of a person that is given to a team limits each of its members', () => {
    const teams = [{ name: 'db', members: ['bob', 'carol'] }];
    const bundle = bundleWith({ teams, scopes: [{ may: 'approve', team: 'db', hosts: 'role=db' }] });
    const act = { ...CALL, hosts: [WEB] };
    expect(outsideScope(bundle, { person: 'carol', may: 'approve' }, act)).toMatch(/web-1/);
    expect(outsideScope(bundle, { person: 'mallory', may: 'approve' }, act)).toBeUndefined();
  });
});

describe('a bundle with teams and scopes is refused', () => {
  const rows: [what: string, changes: object, message: string][] = [
    [
      'if a scope names a fact',
      { scopes: [{ may: 'request', person: 'alice', hosts: 'kernel~6.1' }] },
      'kernel',
    ],
    ['if a selector is none', { scopes: [{ may: 'request', person: 'alice', hosts: 'a=,' }] }, 'hosts: '],
    [
      'if a scope names nobody',
      { scopes: [{ may: 'request', effects: ['read'] }] },
      'one person or one team',
    ],
    [
      'if a scope names both',
      { teams: [{ name: 'db', members: ['bob'] }], scopes: [{ may: 'approve', person: 'bob', team: 'db' }] },
      'one person or one team',
    ],
    ['if it limits a stranger', { scopes: [{ may: 'approve', person: 'alice' }] }, 'none of the approvers'],
    ['if it limits a team that is not there', { scopes: [{ may: 'approve', team: 'db' }] }, 'no team db'],
    ['if a team has a stranger', { teams: [{ name: 'db', members: ['eve'] }] }, 'eve is neither'],
    ['if a team is there twice', { teams: [1, 2].map(() => ({ name: 'db', members: ['bob'] })) }, 'twice'],
    [
      'if a scope allows no effect',
      { scopes: [{ may: 'request', person: 'alice', effects: [] }] },
      'effects',
    ],
    [
      'if no team can fill its seats',
      {
        teams: [{ name: 'db', members: ['alice', 'bob'] }],
        thresholds: { standard: { read: 1, call: 2, write: 2, teams: { db: 2 } } },
      },
      '1 of them are approvers',
    ],
    [
      'if there are more seats than approvals',
      {
        teams: [{ name: 'db', members: ['bob', 'carol', 'mallory'] }],
        thresholds: { standard: { read: 1, call: 2, write: 2, teams: { db: 3 } } },
      },
      '3 seats',
    ],
  ];
  it.each(rows)('because it cannot be kept: %s', (_what, changes, message) => {
    expect(() => bundleWith(changes)).toThrow(message);
  });
});

describe('seats of teams', () => {
  const TEAMS = [
    { name: 'db', members: ['bob', 'carol'] },
    { name: 'kernel', members: ['carol', 'mallory'] },
  ];
  const bundle = bundleWith({
    teams: TEAMS,
    thresholds: { standard: { read: 1, call: 2, write: 2, teams: { db: 1, kernel: 1 } } },
  });
  const ask = (threshold: number, ...approvers: string[]) =>
    quorum(approvers, { request: CALL.request, bundle, threshold });

  it('two people of one team are not enough where another team has a seat', () => {
    const both = bundleWith({
      teams: [TEAMS[0], { name: 'kernel', members: ['mallory'] }],
      thresholds: { standard: { read: 1, call: 2, write: 2, teams: { db: 1, kernel: 1 } } },
    });
    const of = (...approvers: string[]) =>
      quorum(approvers, { request: CALL.request, bundle: both, threshold: 2 });
    expect(of('bob', 'carol')).toMatchObject({ enough: false, emptySeats: ['kernel'] });
    expect(of('bob', 'mallory')).toMatchObject({ enough: true, emptySeats: [] });
  });

  it('one person in both teams fills one seat', () => {
    expect(ask(2, 'carol')).toMatchObject({ enough: false });
    expect(ask(2, 'carol').emptySeats).toHaveLength(1);
    expect(ask(2, 'carol', 'bob').enough).toBe(true);
    expect(ask(2, 'carol', 'mallory').enough).toBe(true);
  });

  it('a smaller threshold, as for reads, asks for no teams', () => {
    expect(ask(1, 'bob').enough).toBe(true);
  });

  it('as many seats are filled as any assignment of people could fill', () => {
    const names = ['bob', 'carol', 'mallory', 'erin', 'finn'];
    const team = (name: string) =>
      fc.subarray(names, { minLength: 1 }).map((members): Team => ({ name, members }));
    const fixture = fc.tuple(team('a'), team('b'), team('c'), fc.subarray(names));
    fc.assert(
      fc.property(fixture, ([a, b, c, approvers]) => {
        const teams = [a, b, c];
        const thresholds = { standard: { read: 1, call: 3, write: 3, teams: { a: 1, b: 1, c: 1 } } };
        const { emptySeats } = quorum(approvers, {
          ...{ request: CALL.request, bundle: { teams, thresholds }, threshold: 3 },
        });
        expect(3 - emptySeats.length).toBe(most(teams, approvers));
      }),
    );
  });
});

/** The most seats that can be filled, by trying every assignment. */
function most([team, ...others]: readonly Team[], approvers: readonly string[]): number {
  if (!team) return 0;
  const able = approvers.filter(person => team.members.includes(person));
  const filled = able.map(
    person =>
      1 +
      most(
        others,
        approvers.filter(other => other !== person),
      ),
  );
  return Math.max(most(others, approvers), ...filled);
}
