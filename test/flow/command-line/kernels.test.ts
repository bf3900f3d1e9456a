import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OperatorClient, operatorClient } from '../../../controller/cli/session/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { PROTOCOL_VERSION, typesEnvelopeCodec, typesQueryCodec } from '../../../shared/messages/index.ts';
import { toHostSubject } from '../../../shared/subjects/index.ts';
import { readKeyFile } from '../../../shared/tokens/index.ts';
import { eventually } from '../../kit/eventually.ts';
import type { CliResult, ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import type { NatsServer } from '../../kit/fleet/nats-server.ts';
import { queryTokenBy } from '../../kit/fleet/query-token.ts';

const OLD = { release: '6.1.0-18-amd64', version: '', arch: 'x86_64', hosts: 0 };
const NEW = { ...OLD, release: '6.12.48+deb13-amd64' };

describe('the kernels of a fleet with a real controller, broker and agents', () => {
  let fleet: Fleet;
  let nats: NatsServer;
  let controller: ControllerFixture;
  let client: OperatorClient;

  beforeAll(async () => {
    const on = (kernel: string) => ({ labels: { env: 'test' }, kernel });
    const agents = { 'web-1': on(OLD.release), 'web-2': on(NEW.release), 'web-3': on(OLD.release) };
    fleet = await startFleet({ agents });
    ({ nats, controller } = fleet);
    for (const release of [OLD.release, NEW.release])
      await controller.logged(
        line => line['msg'] === 'kernel types fetched' && String(line['kernel']) === `${release} x86_64`,
      );
    client = operatorClient({
      address: controller.address,
      caFile: nats.caFile,
      as: { name: 'alice', site: controller.site, key: readKeyFile(join(controller.folder, 'alice.key')) },
      clock: systemClock,
    });
  });

  afterAll(async () => {
    client?.close();
    await fleet?.stop();
  });

  const here = (who: string, ...args: string[]): Promise<CliResult> => controller.farcallHere(who, args);

  it('the kernels of a fleet are known without anybody asking, each as reported by one host', async () => {
    const { kernels } = await client.call('listKernels', { selector: '*' });
    expect(kernels).toEqual([
      expect.objectContaining({ release: OLD.release, hosts: 2, known: true, functions: 6 }),
      expect.objectContaining({ release: NEW.release, hosts: 1, known: true, sourceHost: 'web-2' }),
    ]);
    expect(['web-1', 'web-3']).toContain(kernels[0]?.sourceHost);
  });

  it('the kernels of a fleet are looked into by farcall functions, grouped where they are equal', async () => {
    const { code, stdout, stderr } = await here('alice', 'functions', 'wake_up_*');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^IN +FUNCTION$/m);
    expect(stdout).toMatch(/^all +int wake_up_process\(struct task_struct \*p\)$/m);
    expect(stdout).toMatch(/^1 +void wake_up_bit\(void \*word, int bit\)$/m);
    expect(stdout).toMatch(/^2 +void wake_up_bit\(void \*word, unsigned long bit\)$/m);
    expect(stdout).toMatch(/^ +1 {2}6\.1\.0-18-amd64 x86_64, 2 hosts, as reported by web-[13]$/m);
    const json = await here('bob', 'functions', 'wake_up_process', '--hosts', '@web-2', '--json');
    expect(JSON.parse(json.stdout).groups).toEqual([
      {
        name: 'wake_up_process',
        prototype: 'int wake_up_process(struct task_struct *p)',
        module: '',
        kernels: [{ ...NEW, hosts: 1 }],
        note: '',
      },
    ]);
  });

  it('the kernels of a fleet are asked for a name that none has: near ones are named', async () => {
    const { code, stderr } = await here('alice', 'functions', 'wake_up_proces');
    expect([code, stderr]).toEqual([4, expect.stringContaining('did you mean wake_up_process?')]);
  });

  it('the kernels of a fleet have programs checked against them while they are typed, and completed', async () => {
    const program = 'struct task_struct *t = get_task();\nt->pidd + wake_up_proces(t)';
    const check = await client.call('checkProgram', { program, kernel: OLD });
    expect(check.diagnostics).toMatchObject([
      { severity: 'error', line: 2, column: 4, endColumn: 8, code: 'PROGRAM_TYPE' },
    ]);
    const right = { program: 'wake_up_bit(0, 1ul << 40)', kernel: NEW };
    expect(await client.call('checkProgram', right)).toMatchObject({
      diagnostics: [],
      effect: 'call',
      callees: ['void wake_up_bit(void *word, unsigned long bit)'],
      sourceHost: 'web-2',
    });
    const typed = 'struct task_struct *t = get_task(); if (t->parent->co';
    const list = await client.call('completeProgram', {
      ...{ program: typed, offset: typed.length, kernel: OLD, limit: 5 },
    });
    expect(list).toEqual({
      from: typed.length - 2,
      items: [{ label: 'comm', kind: 'member', detail: 'char [16]' }],
    });
    const elsewhere = { program: '1', kernel: { ...OLD, release: '4.19.0' } };
    await expect(client.call('checkProgram', elsewhere)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('the kernels of a fleet are told to a controller that the host knows, and to nobody else; nothing is asked twice', async () => {
    const connection = await nats.connect(await nats.ownerLogin());
    const answers: Uint8Array[] = [];
    connection.subscribe('farcall.host.web-1.types', {
      callback: (_error, { data }) => void answers.push(data),
    });
    const query = typesQueryCodec.encode({
      ...{ protocol: PROTOCOL_VERSION, id: 'forged01', host: 'web-1', offset: 0, createdAtMs: Date.now() },
    });
    const ask = async (by: string): Promise<void> => {
      const token = await queryTokenBy(controller, 'types', { by, query });
      const envelope = typesEnvelopeCodec.encode({ query, token });
      connection.publish(toHostSubject('web-1', 'types'), envelope);
      await connection.flush();
    };
    await ask('alice');
    await ask('mallory');
    await ask('ctl-1');
    await eventually('the answer to the controller', () => answers.length > 0);
    expect(answers.length).toBe(1);
    expect(
      fleet
        .agent('web-1')
        .log()
        .match(/"topic":"types".*the agent ignores a query/g)?.length,
    ).toBe(2);
    await connection.close();
  });

  it('the kernels of a fleet stay known over a restart of the controller; one whose hosts are silent is told of as such', async () => {
    const gone = await fleet.join('gone-1', { env: 'gone' }, { kernelRelease: '5.10.0-30-amd64' });
    await gone.close();
    await controller.stop();
    await controller.start();
    const { stdout, code } = await here('alice', 'functions', '_printk');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 2 +int _printk\(const char \*fmt, \.\.\.\)$/m);
    expect(stdout).toMatch(/^ +- {2}5\.10\.0-30-amd64 x86_64, 1 host, not known yet: /m);
    const verified = await controller.auditVerify();
    expect(verified.code, verified.stdout).toBe(0);
  });
});
