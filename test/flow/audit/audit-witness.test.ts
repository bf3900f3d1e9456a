import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rechain, tampered } from '../../controller/auditor/support/audited-store.ts';
import { eventually } from '../../kit/eventually.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { PROGRAMS } from '../../kit/fleet/controller-run.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';

const REQUEST = ['_printk("hi\\n")', '--hosts', 'env=demo', '--reason', 'say hi'];

describe('farcall audit witness', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  const running = new Set<ChildProcess>();

  beforeAll(async () => {
    fleet = await startFleet({ hosts: { 'demo-1': { env: 'demo' } }, config: { checkpointEveryMs: 0 } });
    controller = fleet.controller;
  });
  afterAll(async () => {
    for (const process of running) process.kill('SIGKILL');
    await fleet?.stop();
  });

  const path = (name: string): string => join(controller.folder, name);
  const state = (): string => path('statements');
  const statements = (): string[] =>
    existsSync(state()) ? readFileSync(state(), 'utf8').split('\n').slice(0, -1) : [];
  const witness = (...options: string[]) =>
    controller.farcallHere('carol', ['audit', 'witness', '--state', state(), ...options]);
  const witnessed = async (): Promise<
    { readonly actor: string; readonly detail: { readonly seq: number } }[]
  > => {
    const { stdout } = await controller.farcallHere('bob', [
      'audit',
      'show',
      '--kind',
      'log-witnessed',
      '--json',
    ]);
    return stdout.trim() === ''
      ? []
      : stdout
          .trim()
          .split('\n')
          .map(line => JSON.parse(line));
  };
  const end = async (): Promise<{ readonly seq: number; readonly kind: string }> => {
    const shown = await controller.farcallHere('bob', [
      'audit',
      'show',
      '--newest',
      '--limit',
      '1',
      '--json',
    ]);
    return JSON.parse(shown.stdout);
  };
  /** Witnesses until the controller has signed everything that there is. */
  const witnessAll = async (): Promise<void> => {
    const { seq } = await end();
    await eventually(`a statement about entry ${seq}`, async () => {
      expect(await witness('--once')).toMatchObject({ code: 0, stderr: '' });
      return ((await witnessed()).at(-1)?.detail.seq ?? 0) >= seq;
    });
  };
  const verify = (store: string) => {
    const options = ['--store', store, '--store-key', path('store.key'), '--roots', path('roots.json')];
    return controller.farcallHere('alice', ['audit', 'verify', ...options, '--witness', state()]);
  };

  it('farcall audit witness signs what it has verified, keeps it, and others see it', async () => {
    await controller.requested(...REQUEST);
    await witnessAll();
    const [entry] = (await witnessed()).slice(-1);
    expect(entry).toMatchObject({ actor: 'carol' });
    expect(statements().length).toBeGreaterThan(0);
    expect(statSync(state()).mode & 0o777).toBe(0o600);
    const verified = await verify(path('farcall.db'));
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.stdout).toContain(`witnessed: carol up to ${entry!.detail.seq} at `);
    expect(await witness('--check')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^the log is as carol/),
    });
  });

  it('farcall audit witness signs nothing where only statements came, and goes on where it was', async () => {
    const before = statements().length;
    expect(await witness('--once')).toMatchObject({ code: 0, stdout: '' });
    expect(statements().length).toBe(before);
    appendFileSync(state(), 'eyJ0b3JuIGJ5IGEgY3Jhc2g');
    await controller.requested(...REQUEST);
    await witnessAll();
    expect(await witness('--check')).toMatchObject({ code: 0 });
  });

  it('farcall audit witness goes on over restarts of the controller until it is stopped', async () => {
    const options = ['audit', 'witness', '--state', state(), '--every', '1s'];
    const process = spawn(join(PROGRAMS, 'farcall'), options, {
      env: controller.env('carol'),
      stdio: 'ignore',
    });
    running.add(process);
    const ended = once(process, 'exit');
    const reached = async (): Promise<void> => {
      await controller.requested(...REQUEST);
      const { seq } = await end();
      await eventually('a statement', async () => ((await witnessed()).at(-1)?.detail.seq ?? 0) >= seq);
    };
    await reached();
    await controller.kill();
    await controller.start();
    await reached();
    process.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await verify(path('farcall.db'))).toMatchObject({ code: 0 });
  });

  it('farcall audit witness takes no state of another witness or site', async () => {
    const other = await controller.farcallHere('bob', ['audit', 'witness', '--state', state(), '--once']);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('is of carol') });
    const line = statements().find(text => text.split('.').length === 3)!;
    const [header, payload, signature] = line.split('.');
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString('utf8'));
    const moved = Buffer.from(JSON.stringify({ ...claims, site: 'A'.repeat(43) })).toString('base64url');
    writeFileSync(path('other'), `${header}.${moved}.${signature}\n`);
    const elsewhere = await controller.farcallHere('carol', [
      'audit',
      'witness',
      '--state',
      path('other'),
      '--once',
    ]);
    expect(elsewhere.stderr).toContain('SITE_OTHER');
  });

  it('farcall audit witness signs nothing more of a log that was rewritten or cut, and proves it', async () => {
    const store = path('farcall.db');
    const replace = async (statement: (database: DatabaseSync) => void): Promise<void> => {
      await controller.stop();
      copyFileSync(tampered(store, statement), store);
      await controller.start();
    };
    const [last] = (await witnessed()).slice(-1);
    const before = statements().length;
    await replace(database => {
      database.exec(
        "update audit set actor = 'mallory' where kind = 'plan-made' or kind = 'request-created'",
      );
      rechain(database);
      database.exec("delete from audit where kind = 'log-witnessed'; delete from checkpoints");
      database.exec('create temp table kept as select * from audit order by seq');
      database.exec(
        'delete from audit; insert into audit select rowid, at_ms, kind, actor, request_id, host, detail, hash from kept',
      );
      rechain(database);
    });
    const refused = await witness('--once');
    expect(refused).toMatchObject({ code: 8, stderr: expect.stringContaining('AUDIT_CONTRADICTED') });
    expect(await witness('--check')).toMatchObject({
      code: 8,
      stdout: expect.stringMatching(/^carol witnessed entry \d+ at .*: the log was rewritten/),
    });
    const found = await verify(store);
    expect(found.stdout).toMatch(/^witness {2}file .*: carol witnessed entry \d+: the log was rewritten/m);
    await replace(database => database.exec('delete from audit where seq > 9; delete from checkpoints'));
    expect(await witness('--once')).toMatchObject({ code: 8 });
    expect(await verify(store)).toMatchObject({
      code: 8,
      stdout: expect.stringContaining(`carol witnessed entry ${last!.detail.seq}: the log was cut`),
    });
    expect(statements().length).toBe(before);
  });
});
