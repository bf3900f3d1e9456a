import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rechain, tampered } from '../../controller/auditor/support/audited-store.ts';
import { eventually } from '../../kit/eventually.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { PROGRAMS } from '../../kit/fleet/controller-run.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import { readCef } from '../../kit/receivers/read-cef.ts';

const REQUEST = ['_printk("hi\\n")', '--hosts', 'env=demo', '--reason', 'say hi'];

describe('farcall audit follow', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  const followers = new Set<ChildProcess>();

  beforeAll(async () => {
    fleet = await startFleet({ hosts: { 'demo-1': { env: 'demo' } } });
    controller = fleet.controller;
  });
  afterAll(async () => {
    for (const follower of followers) follower.kill('SIGKILL');
    await fleet?.stop();
  });

  /** A follower whose stdout goes to the file `name`, with its stderr and its end. */
  const follow = (name: string, ...options: string[]) => {
    const process = spawn(join(PROGRAMS, 'farcall'), ['audit', 'follow', ...options], {
      env: controller.env('alice'),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    followers.add(process);
    process.stdout!.pipe(createWriteStream(join(controller.folder, name), { flags: 'a' }));
    let warnings = '';
    process.stderr!.on('data', text => {
      warnings += text;
    });
    const ended = once(process, 'exit').then(([code]) => code as number | null);
    return { process, ended, warnings: () => warnings };
  };
  const linesOf = (name: string): string[] =>
    readFileSync(join(controller.folder, name), { encoding: 'utf8', flag: 'a+' }).split('\n').slice(0, -1);
  const seqsIn = (name: string): number[] => linesOf(name).map(line => JSON.parse(line).seq);
  const end = async (): Promise<number> => {
    const shown = await controller.farcallHere('alice', [
      'audit',
      'show',
      '--newest',
      '--limit',
      '1',
      '--json',
    ]);
    return JSON.parse(shown.stdout).seq;
  };
  const upTo = (seq: number): number[] => Array.from({ length: seq }, (_, index) => index + 1);
  const reached = (name: string, seq: number) =>
    eventually(`entry ${seq} in ${name}`, () => linesOf(name).length > 0 && seqsIn(name).includes(seq));

  it('farcall audit follow prints what is there and what is written, over restarts of the controller, each once', async () => {
    const follower = follow('one.json', '--format', 'json');
    await reached('one.json', await end());
    await controller.requested(...REQUEST);
    await reached('one.json', await end());
    await controller.kill();
    await eventually('the loss is told', () => follower.warnings().includes('trying again'));
    await controller.start();
    await controller.requested(...REQUEST);
    await reached('one.json', await end());
    follower.process.kill('SIGTERM');
    expect(await follower.ended).toBe(0);
    expect(seqsIn('one.json')).toEqual(upTo(await end()));
    const shown = await controller.farcallHere('alice', ['audit', 'show', '--json']);
    expect(linesOf('one.json').map(line => JSON.parse(line))).toEqual(
      shown.stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
    );
  });

  it('farcall audit follow continues from its state: nothing is lost over a kill, and nothing is twice over an end in good order', async () => {
    const state = ['--format', 'json', '--state', join(controller.folder, 'state')];
    const first = follow('two.json', ...state);
    await reached('two.json', await end());
    await controller.requested(...REQUEST);
    first.process.kill('SIGKILL');
    await first.ended;
    await controller.requested(...REQUEST);
    const second = follow('two.json', ...state);
    await reached('two.json', await end());
    second.process.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect([...new Set(seqsIn('two.json'))].sort((one, other) => one - other)).toEqual(upTo(await end()));
    const before = linesOf('two.json').length;
    await controller.requested(...REQUEST);
    const third = follow('two.json', ...state);
    await reached('two.json', await end());
    third.process.kill('SIGTERM');
    await third.ended;
    const last = seqsIn('two.json').slice(before);
    expect(last).toEqual(upTo(await end()).slice(-last.length));
    expect(new Set(last).size).toBe(last.length);
  });

  it('farcall audit follow prints CEF from an entry on', async () => {
    const follower = follow('three.cef', '--format', 'cef', '--from', '3');
    const seqs = () => linesOf('three.cef').map(line => Number(readCef(line).extension['externalId']));
    const seq = await end();
    await eventually('the last entry', () => seqs().includes(seq));
    follower.process.kill('SIGINT');
    expect(await follower.ended).toBe(0);
    expect(seqs()).toEqual(upTo(seq).slice(2));
  });

  it('farcall audit follow refuses a log that was rewritten while it was away, and one that was cut', async () => {
    const state = ['--format', 'json', '--state', join(controller.folder, 'state')];
    const change = async (statements: (database: DatabaseSync) => void): Promise<void> => {
      await controller.stop();
      const store = join(controller.folder, 'farcall.db');
      copyFileSync(tampered(store, statements), store);
      await controller.start();
    };
    await change(database => {
      database.exec("update audit set actor = 'mallory' where kind = 'request-created'");
      rechain(database);
    });
    const before = linesOf('two.json').length;
    const follower = follow('two.json', ...state);
    expect(await follower.ended).toBe(8);
    expect(follower.warnings()).toMatch(
      /entry \d+ had another hash when it was seen.*\[AUDIT_CONTRADICTED\]/s,
    );
    expect(linesOf('two.json').length).toBe(before);
    await change(database => database.exec('delete from audit where seq > 5; delete from checkpoints'));
    const cutFollower = follow('two.json', ...state);
    expect(await cutFollower.ended).toBe(8);
    expect(cutFollower.warnings()).toMatch(/the audit log ends at entry \d+.*\[AUDIT_CONTRADICTED\]/s);
    expect(linesOf('two.json').length).toBe(before);
  });
});
