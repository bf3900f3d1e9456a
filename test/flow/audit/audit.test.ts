import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHeldCheckpoints } from '../../../agent/checkpoint/index.ts';
import { rechain, tampered } from '../../controller/auditor/support/audited-store.ts';
import { eventually } from '../../kit/eventually.ts';
import { startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { type ControllerFixture, run } from '../../kit/fleet/controller-process.ts';
import { enrolledHome } from '../../kit/fleet/enrolled-home.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { StandInHost } from '../../kit/fleet/stand-in-host.ts';

const HELLO = ['_printk("hi\\n")', '--hosts', 'env=demo', '--reason', 'say hi'];
const ON_AGENT = ['_printk("hi\\n")', '--hosts', 'env=test', '--reason', 'say hi'];

/** The results of two hosts change places, each whole. */
const EXCHANGE = `
  update results set host = '-' where host = 'demo-1' and late = 0;
  update results set host = 'demo-1' where host = 'demo-2';
  update results set host = 'demo-2' where host = '-';
`;

function rechainWithout(database: DatabaseSync): void {
  database.exec("update audit set actor = 'controller' where kind = 'late-result'");
  rechain(database);
}

describe('the audit of a site', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let one: StandInHost;
  let two: StandInHost;

  beforeAll(async () => {
    const config = { checkpointFile: 'checkpoints', checkpointEveryMs: 0 };
    fleet = await startFleet({ hosts: { 'demo-1': { env: 'demo' }, 'demo-2': { env: 'demo' } }, config });
    controller = fleet.controller;
    one = fleet.host('demo-1');
    two = fleet.host('demo-2');
  });
  afterAll(() => fleet?.stop());

  const path = (name: string): string => join(controller.folder, name);
  const verify = (store: string, ...args: string[]) =>
    run(
      'farcall',
      [
        'audit',
        'verify',
        '--store',
        store,
        '--store-key',
        path('store.key'),
        '--roots',
        path('roots.json'),
        ...args,
      ],
      {},
    );
  const verifyHere = (store: string, ...args: string[]) =>
    controller.farcallHere('alice', [
      'audit',
      'verify',
      '--store',
      store,
      '--roots',
      path('roots.json'),
      ...args,
    ]);
  const copyStore = (name: string): string => {
    const copy = path(name);
    rmSync(copy, { force: true });
    const live = new DatabaseSync(path('farcall.db'));
    live.exec(`vacuum into '${copy}'`);
    live.close();
    return copy;
  };

  it('the audit of a site verifies beside the running controller: calls, results, silence', async () => {
    const id = await controller.approved(...HELLO);
    const [orderOne, orderTwo] = await Promise.all([one.nextOrder(id), two.nextOrder(id)]);
    await one.answer(orderOne, { outcome: 'timed-out', value: undefined });
    await two.answer(orderTwo);
    await one.answer(orderOne);
    await controller.farcallJson('alice', 'request', ...HELLO);
    const { code, stdout, stderr } = await verify(path('farcall.db'), '--checkpoint', path('checkpoints'));
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    for (const rows of [
      'hosts: 2',
      'host contacts: 2',
      'host heartbeats: 0',
      'expected hosts: 4',
      'requests: 2',
      'approvals: 2',
    ])
      expect(stdout).toContain(`${rows}, `);
    for (const rows of ['aborts: 0', 'orders: 1', 'results: 3']) expect(stdout).toContain(`${rows}, `);
    expect(stdout).toContain('nothing is wrong');
    const shown = await controller.farcallHere('bob', ['audit', 'show', '--request', id, '--json']);
    const entries = shown.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    // When the driver ends the wave beside the late result is chance.
    expect(
      entries.map(({ kind }) => kind).filter(kind => !/^(lease-taken|wave-ended|rollout-done)$/.test(kind)),
    ).toEqual([
      'request-created',
      'approval-added',
      'approval-added',
      'request-approved',
      'wave-started',
      'order-made',
      'order-published',
      'host-answered',
      'host-answered',
      'request-finished',
      'late-result',
    ]);
    const late = entries.find(({ kind }) => kind === 'late-result');
    expect(late).toMatchObject({ actor: 'demo-1', detail: { outcome: 'returned', attempt: 1 } });
    const page = [
      'audit',
      'show',
      '--kind',
      'approval-added',
      '--after',
      String(entries[1].seq),
      '--limit',
      '1',
    ];
    const text = await controller.farcallHere('alice', page);
    expect(text.stdout).toMatch(/^\d+ {2}\d{4}-\S+ \S+ UTC {2}approval-added {2}carol {2}\w+ {2}\{.*\}\n$/);
  });

  it('audit show is for those in the trust bundle only, and knows its kinds', async () => {
    expect(await controller.farcallHere('mallory', ['audit', 'show'])).toMatchObject({ code: 4 });
    const unknown = await controller.farcallHere('alice', ['audit', 'show', '--kind', 'x']);
    expect(unknown.stderr).toContain("there are no entries 'x'");
    expect(await controller.farcallHere('alice', ['audit', 'show', '--after', '-1'])).toMatchObject({
      code: 2,
    });
  });

  it('audit show lists what is about one host, by one person, or about a request by the beginning of its id', async () => {
    const show = async (...filter: string[]): Promise<Record<string, string>[]> => {
      const shown = await controller.farcallHere('alice', ['audit', 'show', ...filter, '--json']);
      expect(shown).toMatchObject({ code: 0, stderr: '' });
      const { stdout } = shown;
      return stdout.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line)]));
    };
    const all = await show();
    const about = all.filter(({ host }) => host === 'demo-1');
    expect(about.length).toBeGreaterThan(0);
    expect(await show('--host', 'demo-1')).toEqual(about);
    const carols = all.filter(({ actor }) => actor === 'carol');
    expect(carols.length).toBeGreaterThan(0);
    expect(await show('--actor', 'carol')).toEqual(carols);
    expect(await show('--actor', 'carol', '--host', 'demo-1')).toEqual(
      about.filter(({ actor }) => actor === 'carol'),
    );
    const id = all.find(({ kind }) => kind === 'request-created')?.['requestId'] ?? '';
    expect(await show('--request', id.slice(0, 8).toUpperCase())).toEqual(
      all.filter(({ requestId }) => requestId === id),
    );
    const wrong = await controller.farcallHere('alice', ['audit', 'show', '--host', 'No Host']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--host: ')]);
  });

  const tampering: readonly [string, string | ((database: DatabaseSync) => void), RegExp][] = [
    ['an entry edited', "update audit set actor = 'x' where seq = 4", /^chain {2}audit 4: /m],
    ['an entry removed', 'delete from audit where seq = 4', /^chain {2}audit 5: /m],
    ['the tail cut', 'delete from audit where seq > 9', /^checkpoint {2}checkpoints \d+: .*the log was cut/m],
    [
      'the whole chain computed again',
      edited => rechainWithout(edited),
      /^checkpoint {2}checkpoints \d+: .*rewritten/m,
    ],
    ['a host removed', "delete from hosts where name = 'demo-2'", /^missing {2}hosts demo-2: /m],
    ['a request removed', "delete from requests where state = 'pending'", /^missing {2}requests /m],
    [
      'an approval removed',
      "delete from approvals where approver = 'bob'",
      /^missing {2}approvals \w+ bob \w+: /m,
    ],
    ['an order removed', 'delete from orders', /^missing {2}orders /m],
    ['a result removed', 'delete from results where late = 1', /^missing {2}results \w+ demo-1 1 1: /m],
    ['results exchanged', EXCHANGE, /^digest {2}results \w+ demo-2 1 0: /m],
  ];
  it.each(tampering)(
    'the audit of a site finds in a copy of the site: %s',
    async (_name, statements, wanted) => {
      const { code, stdout } = await verifyHere(tampered(copyStore('site.db'), statements));
      expect(code).toBe(8);
      expect(stdout).toMatch(wanted);
    },
  );

  it('the audit of a site finds in a copy of the site: a trigger dropped', async () => {
    const copy = copyStore('site.db');
    const database = new DatabaseSync(copy);
    database.exec('drop trigger audit_no_update');
    database.close();
    expect((await verifyHere(copy)).stdout).toMatch(
      /^structure {2}store: the trigger audit_no_update is missing/m,
    );
  });

  it('what a tampered copy ends with is stable for scripts', async () => {
    const copy = copyStore('tampered.db');
    const database = new DatabaseSync(copy);
    database.exec(
      "update expected_hosts set outcome = 'skipped' where host = 'demo-2' and outcome = 'returned'",
    );
    database.close();
    const { code, stdout } = await verifyHere(copy, '--json');
    expect(code).toBe(8);
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(events.map(({ table }) => table)).toEqual([
      'expected_hosts',
      'wave_counts',
      'wave_counts',
      undefined,
    ]);
    expect(events[0]).toMatchObject({
      event: 'finding',
      kind: 'state',
      table: 'expected_hosts',
      problem: 'its outcome is skipped; the audit log says returned',
    });
    expect(events.at(-1)).toMatchObject({ event: 'summary', findings: 3 });
    expect(await verifyHere(path('none.db'))).toMatchObject({ code: 2 });
    expect(await verifyHere(copy, '--checkpoint', path('none'))).toMatchObject({ code: 2 });
    expect(await controller.farcallHere('alice', ['audit', 'verify', '--store', copy])).toMatchObject({
      code: 2,
    });
  });

  it('an old copy in the place of the store: an agent holds the proof, says it, and hands it over', async () => {
    const home = await enrolledHome(controller, 'web-01', { env: 'test' });
    const agent = startAgentProcess(home);
    await controller.logged(line => line['host'] === 'web-01' && line['effect'] === 'registered');
    const backup = copyStore('backup.db');
    const held = () => readHeldCheckpoints(home.stateDirectory);

    await controller.approved(...ON_AGENT);
    await eventually('a checkpoint', () => held().newest.length > 0);
    const before = held().newest.length;
    await controller.approved(...ON_AGENT);
    await eventually('a newer one', () => held().newest.length > before);
    await controller.stop();
    expect(await verifyHere(path('farcall.db'), '--checkpoint', path('checkpoints'))).toMatchObject({
      code: 0,
    });

    // The attacker has the controller's machine: the file of checkpoints there goes too.
    for (const name of ['farcall.db', 'farcall.db-wal', 'farcall.db-shm', 'checkpoints'])
      rmSync(path(name), { force: true });
    copyFileSync(backup, path('farcall.db'));
    expect(await verifyHere(path('farcall.db'))).toMatchObject({ code: 0 });
    const handedOver = await run('farcall-agent', ['checkpoint', 'show', '--config', home.configFile], {});
    expect(handedOver.code).toBe(0);
    writeFileSync(path('web-01.checkpoints'), handedOver.stdout);
    const cut = await verifyHere(path('farcall.db'), '--checkpoint', path('web-01.checkpoints'));
    expect(cut.code).toBe(8);
    expect(cut.stdout).toMatch(
      /^checkpoint {2}file \S+web-01.checkpoints:\d: it proves that there were \d+ entries/m,
    );

    // It goes on from the old copy, until the host speaks: then the controller itself knows, and its log says
    // so.
    await controller.start();
    await controller.approved(...ON_AGENT);
    await controller.logged(line => line.msg === 'the audit log contradicts a signed checkpoint');
    await eventually('the alarm', () => agent.log().includes("the controller's audit log went back"));
    await controller.stop();
    const found = await verifyHere(path('farcall.db'));
    expect(found.code).toBe(8);
    expect(found.stdout).toMatch(/^checkpoint {2}hosts web-01: /m);
    expect(found.stdout).toMatch(/^checkpoint {2}audit \d+: web-01 proved it then/m);
    expect(existsSync(path('checkpoints'))).toBe(true);
    expect(readFileSync(path('checkpoints'), 'utf8').trim().split('\n').length).toBeGreaterThan(0);
    await agent.kill('SIGTERM');
  });
});
