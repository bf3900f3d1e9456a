import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../kit/eventually.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import { readCef } from '../../kit/receivers/read-cef.ts';
import { type SyslogReceiver, startSyslogReceiver } from '../../kit/receivers/syslog-receiver.ts';

const REQUEST = ['_printk("hi\\n")', '--hosts', 'env=demo', '--reason', 'say hi'];

describe('the sinks of a controller’s audit log', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  let receiver: SyslogReceiver;

  beforeAll(async () => {
    fleet = await startFleet({
      hosts: { 'demo-1': { env: 'demo' } },
      async config({ folder, caFile }) {
        const pem = (file: string): Buffer => readFileSync(join(folder, file));
        receiver = await startSyslogReceiver({ cert: pem('api.pem'), key: pem('api-key.pem') });
        const syslog = { host: '127.0.0.1', port: receiver.port, caFile, repeatMs: 1000 };
        const file = { path: 'audit.cef', format: 'cef' };
        return { audit: { syslog, file }, metrics: { listen: '127.0.0.1:0' } };
      },
    });
    controller = fleet.controller;
  });
  afterAll(async () => {
    await fleet?.stop();
    await receiver?.die();
  });

  const file = (): string => join(controller.folder, 'audit.cef');
  const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const seqsInFile = (...paths: string[]): number[] =>
    paths.flatMap(linesOf).map(line => Number(readCef(line).extension['externalId']));
  const seqsReceived = (): number[] =>
    receiver.messages.map(({ data }) => Number(data['farcall@32473']!['seq']));
  const entries = async () => {
    const shown = await controller.farcallHere('alice', ['audit', 'show', '--json']);
    return shown.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
  };
  const upTo = (seq: number): number[] => Array.from({ length: seq }, (_, index) => index + 1);
  const sorted = (seqs: readonly number[]) => [...new Set(seqs)].sort((one, other) => one - other);
  const everywhere = async (...files: string[]): Promise<void> => {
    const { seq } = (await entries()).at(-1);
    await eventually(`entry ${seq} at the receiver`, () => seqsReceived().includes(seq));
    await eventually(`entry ${seq} in the file`, () => seqsInFile(file()).includes(seq));
    // The controller may have made more entries meanwhile.
    expect(sorted(seqsReceived()).slice(0, seq)).toEqual(upTo(seq));
    expect(sorted(seqsInFile(...files, file())).slice(0, seq)).toEqual(upTo(seq));
    expect(receiver.problems).toEqual([]);
  };
  const http = async (path: string): Promise<Response> => {
    const isNewest = controller.log.findLast(line => line.msg.startsWith('metrics and probes'));
    return fetch(`http://${isNewest!['listen']}${path}`);
  };

  it('the sinks of a controller’s audit log get every entry, as the log has it', async () => {
    await controller.approved(...REQUEST);
    await everywhere();
    const { text, data, messageId, facility } = receiver.messages.at(-1)!;
    const last = (await entries()).find(({ seq }) => String(seq) === data['farcall@32473']!['seq']);
    expect(JSON.parse(text)).toEqual(last);
    expect(data['farcall@32473']).toMatchObject({
      controller: 'ctl-1',
      site: controller.site,
      hash: last.hash,
    });
    expect([messageId, facility]).toEqual([last.kind, 13]);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('the sinks of a controller’s audit log lose nothing while the receiver is killed and started, and the controller stays ready', async () => {
    for (let round = 0; round < 3; round++) {
      await controller.requested(...REQUEST);
      await receiver.die();
      await controller.requested(...REQUEST);
      await controller.logged(line => /^syslog refused: /.test(line.msg));
      expect((await http('/readyz')).status).toBe(200);
      await receiver.start();
      await controller.requested(...REQUEST);
      await everywhere();
    }
    const metrics = await (await http('/metrics')).text();
    expect(metrics).toMatch(/farcall_controller_audit_sink_failed_total\{sink="syslog"\} [1-9]/);
    expect(metrics).toMatch(/farcall_controller_audit_sink_backlog_entries\{sink="file"\} \d/);
  });

  it('the sinks of a controller’s audit log have a backlog while the receiver is away', async () => {
    await receiver.die();
    for (let made = 0; made < 5; made++) await controller.requested(...REQUEST);
    await eventually('a backlog', async () =>
      /audit_sink_backlog_entries\{sink="syslog"\} [1-9]/.test(await (await http('/metrics')).text()),
    );
    await receiver.start();
    await everywhere();
  });

  it('the sinks of a controller’s audit log lose nothing when the controller is killed, nor when the file is rotated', async () => {
    renameSync(file(), `${file()}.1`);
    for (let round = 0; round < 3; round++) {
      await controller.requested(...REQUEST);
      await controller.kill();
      await controller.start();
      await controller.requested(...REQUEST);
      await everywhere(`${file()}.1`);
    }
    expect(await controller.auditVerify()).toMatchObject({ code: 0 });
  });

  it('the sinks of a controller’s audit log get nothing twice over an end in good order', async () => {
    await everywhere(`${file()}.1`);
    await controller.stop();
    const [received, written] = [seqsReceived().length, seqsInFile(file()).length];
    await controller.start();
    await controller.requested(...REQUEST);
    await everywhere(`${file()}.1`);
    for (const again of [seqsReceived().slice(received), seqsInFile(file()).slice(written)])
      expect(again).toEqual(sorted(again));
    expect(seqsReceived()[received]).toBeGreaterThan(Math.max(...seqsReceived().slice(0, received)));
  });
});
