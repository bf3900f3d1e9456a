import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { StandInHost } from '../../kit/fleet/stand-in-host.ts';

describe('locks and removals', () => {
  let fleet: Fleet;
  const farcall = (who: string, ...args: string[]) => fleet.controller.farcallHere(who, args);
  const must = async (who: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await farcall(who, ...args);
    if (code === 0) return stdout;
    throw new Error(`farcall ${args.join(' ')} ended with ${code}: ${stderr}`);
  };
  /** Resolves when the broker has ended the connection of a host and refused its login. */
  const isOff = ({ connection }: StandInHost): Promise<unknown> => connection.closed();

  beforeAll(async () => {
    fleet = await startFleet({
      hosts: { 'web-1': { env: 'a' }, 'web-2': { env: 'a' }, 'web-3': { env: 'b' } },
    });
  });
  afterAll(() => fleet?.stop());

  it('a locked host is off the broker and in no request, and is a host like others once it is unlocked', async () => {
    const locked = fleet.host('web-1');
    expect(await must('bob', 'lock', 'host', 'web-1', '--reason', 'stolen')).toBe(
      'The host web-1 is locked.\n',
    );
    await isOff(locked);
    expect(fleet.host('web-2').connection.isClosed()).toBe(false);
    expect(await must('alice', 'hosts', 'host=web-1')).toContain('locked');
    expect(await must('alice', 'locks')).toMatch(/host +web-1 +bob .* stolen/);
    const { id } = await fleet.controller.requested('f()', '--hosts', 'env=a', '--reason', 'r');
    const [request] = JSON.parse(await must('alice', 'requests', '--json'));
    expect([request.id, request.expectedHosts]).toEqual([id, 1]);
    await must('carol', 'unlock', 'host', 'web-1', '--reason', 'found');
    const back = await fleet.join('web-4', { env: 'a' });
    expect(back.connection.isClosed()).toBe(false);
    expect(JSON.parse(await must('alice', 'locks', '--json'))).toEqual([]);
    expect(await must('alice', 'locks')).toBe('Nothing is locked.\n');
  });

  it('a locked person can call nothing, from the moment at which the lock is set', async () => {
    await must('bob', 'requests');
    await must('carol', 'lock', 'person', 'bob', '--reason', 'laptop lost');
    const refused = await farcall('bob', 'unlock', 'person', 'bob', '--reason', 'me');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('[TOKEN_KEY_UNKNOWN]');
    await must('carol', 'unlock', 'person', 'bob', '--reason', 'found');
    await must('bob', 'requests');
  });

  it('nobody outside of the trust bundle sets a lock', async () => {
    expect((await farcall('mallory', 'lock', 'host', 'web-2', '--reason', 'x')).code).not.toBe(0);
    expect(JSON.parse(await must('alice', 'locks', '--json'))).toEqual([]);
  });

  it('a removed host is off the broker', async () => {
    const gone = fleet.host('web-3');
    const remove = ['host', 'remove', 'web-3', '--reason', 'was scrapped', '--yes'];
    expect(await must('bob', ...remove)).toMatch(/bob signed .*It takes one person more/s);
    expect(await must('alice', 'hosts', 'host=web-3')).toContain('removal proposed by bob');
    expect((await farcall('bob', ...remove)).stderr).toContain('bob has signed the removal of web-3 already');
    expect(gone.connection.isClosed()).toBe(false);
    expect(await must('carol', ...remove)).toContain('The broker has ended its connections');
    await isOff(gone);
    expect(await fleet.controller.auditVerify()).toMatchObject({ code: 0 });
  });

  it('a locked controller is off the broker, orders nothing, and is unlocked over its own API', async () => {
    const { log } = fleet.controller;
    await must('bob', 'lock', 'controller', 'ctl-1', '--reason', 'credentials leaked');
    await fleet.controller.logged(line =>
      /broker (disconnected|connection closed|reports)/.test(String(line['msg'])),
    );
    const lines = log.length;
    await must('bob', 'unlock', 'controller', 'ctl-1', '--reason', 'renewed');
    await fleet.controller.logged(
      line => log.indexOf(line) >= lines && /broker (re)?connected/.test(String(line['msg'])),
    );
  });
});
