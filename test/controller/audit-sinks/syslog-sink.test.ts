import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { syslogSink } from '../../../controller/audit-sinks/syslog-sink.ts';
import { type TestClock, testClock } from '../../kit/controller-kit.ts';
import { eventually } from '../../kit/eventually.ts';
import { type SyslogReceiver, startSyslogReceiver } from '../../kit/receivers/syslog-receiver.ts';

const folder = mkdtempSync(join(tmpdir(), 'farcall-sink-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Files of a certificate that signed itself, for `address`. */
function certified(name: string, address: string): { readonly certFile: string; readonly keyFile: string } {
  const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${address}`];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ed25519',
      '-nodes',
      '-days',
      '2',
      ...subject,
      '-keyout',
      keyFile,
      '-out',
      certFile,
    ],
    { stdio: 'ignore' },
  );
  return { certFile, keyFile };
}

const RECEIVER = certified('receiver', 'IP:127.0.0.1');
const OTHER = certified('other', 'DNS:other.example.org');
const CLIENT = certified('client', 'DNS:ctl.example.org');
const REPEAT_MS = 10_000;
const pem = ({ certFile, keyFile }: typeof RECEIVER) => ({
  cert: readFileSync(certFile),
  key: readFileSync(keyFile),
});
const entry = (seq: number) => ({
  ...{ seq, atMs: seq, kind: 'plan-made', actor: 'alice', detail: '{}', hash: new Uint8Array(32) },
});

describe('a syslog receiver', () => {
  let receiver: SyslogReceiver;
  let clock: TestClock;
  afterEach(() => receiver.die());

  const sinkTo = (files: { caFile?: string; certFile?: string; keyFile?: string }) => {
    clock = testClock();
    const peer = { host: '127.0.0.1', port: receiver.port, ...files };
    const origin = { facility: 'audit', controller: 'ctl-1', site: 'a-site', format: 'json' } as const;
    return syslogSink({ peer, repeatMs: REPEAT_MS, origin }, clock);
  };
  const seqs = () => receiver.messages.map(({ data }) => Number(data['farcall@32473']!['seq']));

  it('a syslog receiver gets entries in frames, and they are settled after a time on an unbroken connection', async () => {
    receiver = await startSyslogReceiver(pem(RECEIVER));
    const sink = sinkTo({ caFile: RECEIVER.certFile });
    await sink.write([entry(1), entry(2)]);
    await eventually('both', () => seqs().length === 2);
    expect(sink.settledSeq()).toBe(0);
    clock.advance(REPEAT_MS - 1);
    await sink.write([entry(3)]);
    expect(sink.settledSeq()).toBe(0);
    clock.advance(1);
    expect(sink.settledSeq()).toBe(2);
    await eventually('all', () => seqs().length === 3);
    expect([seqs(), receiver.problems, receiver.connections()]).toEqual([[1, 2, 3], [], 1]);
    await sink.close();
    expect(sink.settledSeq()).toBe(3);
  });

  it.each([
    ['is not signed by those that the controller trusts', RECEIVER, OTHER.certFile],
    ['is none that the system trusts', RECEIVER, undefined],
    ['is for another name', OTHER, OTHER.certFile],
  ])('a syslog receiver gets nothing if its certificate %s', async (_name, own, caFile) => {
    receiver = await startSyslogReceiver(pem(own));
    const sink = sinkTo(caFile === undefined ? {} : { caFile });
    await expect(sink.write([entry(1)])).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/CERT|SIGNATURE|ALTNAME/),
    });
    clock.advance(2 * REPEAT_MS);
    expect([sink.settledSeq(), receiver.messages]).toEqual([0, []]);
    await sink.close();
  });

  it('a syslog receiver that wants a certificate gets the controller’s', async () => {
    const ca = readFileSync(CLIENT.certFile);
    receiver = await startSyslogReceiver({
      ...pem(RECEIVER),
      ca,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const sink = sinkTo({ caFile: RECEIVER.certFile, ...CLIENT });
    await sink.write([entry(1)]);
    await eventually('the entry', () => seqs().length === 1);
    await sink.close();
  });

  it('a syslog receiver that breaks the connection is sent again what was not settled', async () => {
    receiver = await startSyslogReceiver(pem(RECEIVER));
    const sink = sinkTo({ caFile: RECEIVER.certFile });
    await sink.write([entry(1)]);
    clock.advance(REPEAT_MS);
    expect([sink.settledSeq(), sink.takeLoss()]).toEqual([1, false]);
    await sink.write([entry(2)]);
    await receiver.die();
    await eventually('the loss', () => sink.takeLoss());
    clock.advance(REPEAT_MS);
    expect([sink.settledSeq(), sink.takeLoss()]).toEqual([1, false]);
    await expect(sink.write([entry(2)])).rejects.toMatchObject({ message: 'ECONNREFUSED' });
    await receiver.start();
    await sink.write([entry(2)]);
    await eventually('entry 2', () => seqs().includes(2));
    await sink.close();
    expect(sink.settledSeq()).toBe(2);
  });

  it('a syslog receiver that hangs does not settle by a close that it never answers', async () => {
    receiver = await startSyslogReceiver(pem(RECEIVER));
    receiver.hang(true);
    const sink = sinkTo({ caFile: RECEIVER.certFile });
    await sink.write([entry(1)]);
    await sink.close();
    expect(sink.settledSeq()).toBe(0);
  });

  it('a syslog receiver’s files that cannot be read are named', async () => {
    receiver = await startSyslogReceiver(pem(RECEIVER));
    const bad = join(folder, 'bad.pem');
    writeFileSync(bad, 'no certificate');
    await expect(sinkTo({ caFile: bad }).write([entry(1)])).rejects.toMatchObject({
      message: expect.stringContaining('FILE_UNREADABLE'),
    });
  });
});
