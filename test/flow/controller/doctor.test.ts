import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examineController, supportFile } from '../../../controller/doctor/index.ts';
import { newStoreSecret } from '../../../controller/store/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import type { Finding } from '../../../shared/doctor/index.ts';
import { type ControllerFixture, startController } from '../../kit/fleet/controller-process.ts';
import { type NatsServer, startNatsServer } from '../../kit/fleet/nats-server.ts';

const DAY_MS = 86_400_000;
const HOOK = 'https://chat.example.org/hooks/only-who-knows-this-may-post';

describe('the doctors of a controller and of an operator', () => {
  let nats: NatsServer;
  let controller: ControllerFixture;
  let configFile: string;

  beforeAll(async () => {
    nats = await startNatsServer();
    controller = await startController({ nats });
    configFile = join(controller.folder, 'controller.json');
  });
  afterAll(async () => {
    await controller?.remove();
    await nats?.stop();
  });

  const examined = (nowMs = Date.now(), file = configFile): Promise<readonly Finding[]> =>
    examineController({ configFile: file, clock: { ...systemClock, nowMs: () => nowMs } });
  const of = (findings: readonly Finding[], check: string) => findings.filter(each => each.check === check);

  /** A configuration beside that of the controller, with other members. */
  function otherConfig(members: object): string {
    const file = join(controller.folder, 'other.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(configFile, 'utf8')), ...members }));
    return file;
  }

  /** What the doctor says while `path` is spoilt. */
  async function whileSpoilt(path: string, spoil: (path: string) => void): Promise<readonly Finding[]> {
    copyFileSync(path, `${path}.good`);
    try {
      spoil(path);
      return await examined();
    } finally {
      rmSync(path, { force: true });
      copyFileSync(`${path}.good`, path);
      chmodSync(path, 0o600);
    }
  }

  it('the doctor finds nothing wrong with a controller that runs', async () => {
    const findings = await examined();
    expect(
      findings.filter(({ verdict, check }) => verdict === 'unfit' || (verdict !== 'ok' && check !== 'clock')),
    ).toEqual([]);
    expect([...new Set(findings.map(({ check }) => check))]).toEqual(
      expect.arrayContaining(
        [
          'configuration',
          'key',
          'secrets',
          'roots',
          'tls',
          'store',
          'audit',
          'disk',
          'trust',
          'broker',
        ].concat(...['login', 'certificate', 'controller']),
      ),
    );
    expect(of(findings, 'audit')[0]!.text).toMatch(
      /^the audit log has [1-9]\d* entries, and its head is [0-9a-f]{64}$/,
    );
    expect(of(findings, 'controller')[0]!.text).toBe(`the controller runs, on ${controller.address}`);
  });

  it.each<[string, string, string, (path: string) => void, RegExp]>([
    [
      'a configuration that is no JSON',
      'configuration',
      'controller.json',
      path => writeFileSync(path, '{'),
      /not JSON/,
    ],
    [
      'a configuration that others may write',
      'configuration',
      'controller.json',
      path => chmodSync(path, 0o666),
      /written by others/,
    ],
    ['a key that others may read', 'key', 'ctl-1.key', path => chmodSync(path, 0o644), /chmod 600/],
    [
      'a key that the bundle does not list',
      'trust',
      'ctl-1.key',
      path => copyFileSync(path.replace('ctl-1', 'ctl-2'), path),
      /lists another key of ctl-1/,
    ],
    [
      'a store key that others may read',
      'secrets',
      'store.key',
      path => chmodSync(path, 0o644),
      /open to others/,
    ],
    [
      'another store key',
      'store',
      'store.key',
      path => writeFileSync(path, newStoreSecret(), { mode: 0o600 }),
      /begun with another store key/,
    ],
    ['roots that are missing', 'roots', 'roots.json', path => rmSync(path), /roots\.json/],
  ])('the doctor finds %s, and says what to do', async (_what, check, file, spoil, text) => {
    const findings = await whileSpoilt(join(controller.folder, file), spoil);
    expect(of(findings, check)).toContainEqual({
      ...{ check, verdict: 'unfit', text: expect.stringMatching(text), remedy: expect.any(String) },
    });
  });

  it('the doctor says when bundle, certificates and logins end, before they do', async () => {
    const soon = await examined(Date.now() + 370 * DAY_MS);
    expect(of(soon, 'certificate')).toContainEqual(expect.objectContaining({ verdict: 'warning' }));
    const late = await examined(Date.now() + 400 * DAY_MS);
    for (const check of ['trust', 'certificate', 'login'])
      expect(of(late, check), check).toContainEqual(
        expect.objectContaining({ verdict: 'unfit', text: expect.stringContaining('ended') }),
      );
  });

  it('the doctor tells a controller that does not run from a port that something else has', async () => {
    const server = createServer(socket => socket.on('error', () => undefined).end());
    const port = await new Promise<number>(resolve =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
    try {
      const taken = await examined(Date.now(), otherConfig({ listen: `127.0.0.1:${port}` }));
      expect(of(taken, 'controller')[0]).toMatchObject({
        verdict: 'unfit',
        text: expect.stringContaining('another certificate'),
      });
      const metrics = await examined(Date.now(), otherConfig({ metrics: { listen: '127.0.0.1:1' } }));
      expect(of(metrics, 'port')[0]!.text).toContain('nothing listens on 127.0.0.1:1, for metrics');
      const stopped = await examined(
        Date.now(),
        otherConfig({ listen: '127.0.0.1:1', metrics: { listen: `127.0.0.1:${port}` } }),
      );
      expect(of(stopped, 'controller')[0]!.text).toBe('the controller does not run');
      expect(of(stopped, 'port')).toContainEqual(
        expect.objectContaining({ verdict: 'unfit', text: expect.stringContaining('is taken') }),
      );
    } finally {
      server.close();
    }
  });

  it('the doctor says why the broker takes no login', async () => {
    const { nats: config } = JSON.parse(readFileSync(configFile, 'utf8'));
    const wrong = join(controller.folder, 'wrong.creds');
    const other = await startNatsServer();
    try {
      copyFileSync(join(other.folder, 'controller.creds'), wrong);
      chmodSync(wrong, 0o600);
      const findings = await examined(
        Date.now(),
        otherConfig({ nats: { ...config, credentialsFile: wrong } }),
      );
      expect(of(findings, 'login')[0]).toMatchObject({
        verdict: 'unfit',
        text: expect.stringMatching(/uthorization/),
      });
    } finally {
      await other.stop();
    }
  });

  /** Whatever must not leave the machine: the private halves and logins below the folders. */
  function secretsBelow(...folders: readonly string[]): readonly string[] {
    const files = folders.flatMap(folder =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter(name => /\.(key|creds|seed)$|-key\.pem$|host-signing|broker-control|seeds/.test(name))
        .map(name => readFileSync(join(folder, name), 'utf8')),
    );
    const secret = /(?<="d":\s*")[\w-]{43}|\bS[OAU][A-Z2-7]{56}\b|^[A-Za-z0-9+/=_-]{40,}$|eyJ[\w.-]{60,}/gm;
    return files.flatMap(text => text.match(secret) ?? []);
  }

  it('the files of both doctors for who helps have what was found, and no secret', async () => {
    const secretFile = join(controller.folder, 'hook.secret');
    const file = otherConfig({ webhooks: [{ name: 'chat', url: HOOK, secretFile }] });
    const text = gunzipSync(await supportFile(file, await examined(Date.now(), file))).toString();
    expect(JSON.parse(text)).toMatchObject({ config: { name: 'ctl-1' }, findings: expect.any(Array) });
    const bundle = join(controller.folder, 'operator.gz');
    const run = () => controller.farcallHere('alice', ['doctor', '--bundle', bundle]);
    expect(await run()).toMatchObject({ code: 0, stderr: expect.stringContaining('It has no secrets') });
    const ofOperator = gunzipSync(readFileSync(bundle)).toString();
    expect(JSON.parse(ofOperator)).toMatchObject({ identity: { name: 'alice' } });
    const secrets = secretsBelow(controller.folder, nats.folder);
    expect(secrets.length).toBeGreaterThan(20);
    for (const each of [text, ofOperator]) {
      expect(each).not.toContain(HOOK);
      for (const secret of secrets) expect(each).not.toContain(secret);
    }
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('is not overwritten') });
  });

  it('the doctor of an operator finds configuration, key, controller, version and rights in order', async () => {
    const { code, stdout } = await controller.farcallHere('alice', ['doctor', '--json']);
    const findings: Finding[] = JSON.parse(stdout);
    expect(findings.filter(({ verdict }) => verdict === 'unfit')).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        'configuration',
        'key',
        'certificate',
        'roots',
        'controller',
        'login',
        'version',
        'status',
        'trust',
        'rights',
      ]),
    );
    expect(of(findings, 'rights')[0]!.text).toContain('requesters, approvers');
    expect(code).toBe(0);
  });

  it('the doctor of an operator says what is wrong: nobody answers, a stranger asks, a key is open', async () => {
    const unreached = await controller.farcallHere('alice', ['doctor'], {}, '127.0.0.1:1');
    expect(unreached).toMatchObject({ code: 1, stdout: expect.stringMatching(/^UNFIT {4}controller/m) });
    const stranger = await controller.farcallHere('mallory', ['doctor']);
    expect(stranger).toMatchObject({ code: 1, stdout: expect.stringMatching(/^UNFIT {4}login/m) });
    const key = join(controller.folder, 'alice.key');
    chmodSync(key, 0o644);
    const open = await controller.farcallHere('alice', ['doctor']);
    chmodSync(key, 0o600);
    expect(open).toMatchObject({ code: 1, stdout: expect.stringMatching(/^UNFIT {4}key .*chmod 600/m) });
    expect(existsSync(key)).toBe(true);
  });
});
