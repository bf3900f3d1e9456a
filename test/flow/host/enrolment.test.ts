import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { hostKeys, redemptionOf } from '../../../agent/enrol/host-keys.ts';
import { enrol } from '../../../agent/enrol/index.ts';
import { redeem } from '../../../agent/enrol/redeem.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { type EnrolmentToken, formatEnrolmentToken } from '../../../shared/enrolment/index.ts';
import { credentialQueryCodec } from '../../../shared/messages/index.ts';
import { hostSubject } from '../../../shared/subjects/index.ts';
import { codeOf } from '../../kit/controller-kit.ts';
import type { ControllerFixture } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import { standInHost } from '../../kit/fleet/stand-in-host.ts';

const AGENT = fileURLToPath(new URL('../../../deploy/bin/farcall-agent', import.meta.url));

describe('becoming a host', () => {
  let fleet: Fleet;
  let controller: ControllerFixture;
  const folders: string[] = [];

  beforeAll(async () => {
    fleet = await startFleet();
    ({ controller } = fleet);
  });
  afterAll(async () => {
    await fleet?.stop();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  /** Folders of a machine that is no host yet. */
  function machine() {
    const folder = mkdtempSync(join(tmpdir(), 'farcall-enrolment-'));
    folders.push(folder);
    return { configDirectory: join(folder, 'etc'), stateDirectory: join(folder, 'state') };
  }

  /** Runs `farcall-agent enrol` with the token on standard input. */
  function agentEnrol(at: ReturnType<typeof machine>, stdin: string, args = ['--token-stdin']) {
    const places = ['--config-directory', at.configDirectory, '--state-directory', at.stateDirectory];
    const { status, stdout, stderr } = spawnSync(
      AGENT,
      ['enrol', '--skip-kernel-check', ...args, ...places],
      {
        input: stdin,
        encoding: 'utf8',
      },
    );
    return { status, stdout, stderr };
  }

  it('becoming a host takes one token and one command; everything is its owner’s alone, and no secret is told', async () => {
    const token = await controller.enrolmentToken('web-1', '--label', 'env=prod');
    const at = machine();
    const { status, stdout } = agentEnrol(at, `${formatEnrolmentToken(token)}\n`);
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('This machine is the host web-1, env=prod.'),
    ]);
    expect(stdout).toContain('It allows programs of these effects only: read. To allow others');
    const config = JSON.parse(readFileSync(join(at.configDirectory, 'agent.json'), 'utf8'));
    expect(config).toMatchObject({
      host: 'web-1',
      labels: { env: 'prod' },
      nats: { servers: [fleet.nats.url] },
    });
    expect(readdirSync(at.configDirectory).sort()).toEqual(
      ['agent.json', 'broker-ca.pem', 'policy.json', 'roots.json'].sort(),
    );
    expect(JSON.parse(readFileSync(join(at.configDirectory, 'policy.json'), 'utf8'))).toEqual({
      effects: ['read'],
    });
    for (const folder of Object.values(at)) {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    }
    const log = JSON.stringify(controller.log) + fleet.nats.log();
    const seed = readFileSync(join(at.stateDirectory, 'broker.seed'), 'utf8');
    const { d } = JSON.parse(readFileSync(join(at.stateDirectory, 'host-key.json'), 'utf8'));
    for (const secret of [seed, d, Buffer.from(token.secret).toString('base64url')])
      expect(log.includes(secret)).toBe(false);
    // Nor does the controller get it: what lies in its store is the id of its key.
    expect(readFileSync(join(controller.folder, 'farcall.db')).includes(Buffer.from(token.secret))).toBe(
      false,
    );
  });

  it('becoming a host writes the policy that was chosen, keeps one that is there, and says which', async () => {
    const at = machine();
    const tokenOf = async () => `${formatEnrolmentToken(await controller.enrolmentToken('chosen'))}\n`;
    const text = await tokenOf();
    expect(agentEnrol(at, text, ['--token-stdin', '--effects', 'read,run'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--effects: some of read,watch,call,write'),
    });
    const { status, stdout } = agentEnrol(at, text, ['--token-stdin', '--effects', 'read,call']);
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('It allows programs of these effects: read, call. To allow'),
    ]);
    const policy = join(at.configDirectory, 'policy.json');
    expect(JSON.parse(readFileSync(policy, 'utf8'))).toEqual({ effects: ['read', 'call'] });
    // A policy that is there stays, and effects that are asked for beside it are refused before the token is
    // used.
    const other = machine();
    mkdirSync(other.configDirectory);
    writeFileSync(join(other.configDirectory, 'policy.json'), '{}', { mode: 0o600 });
    const next = `${formatEnrolmentToken(await controller.enrolmentToken('kept'))}\n`;
    expect(agentEnrol(other, next, ['--token-stdin', '--effects', 'write'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is there already and stays as it is'),
    });
    expect(agentEnrol(other, next)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Its policy was there already and stays: farcall-agent policy check'),
    });
    expect(readFileSync(join(other.configDirectory, 'policy.json'), 'utf8')).toBe('{}');
  });

  it('becoming a host works for many by one command, with dots in their names; who never came is listed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'farcall-tokens-'));
    folders.push(folder);
    const names = ['web-7.example.org', 'web-8.example.org'];
    const several = ['host', 'enrol', ...names, '--label', 'env=many'];
    expect(await controller.farcallHere('bob', several)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('several hosts have several tokens: add --out-folder'),
    });
    const { code, stderr } = await controller.farcallHere('bob', [...several, '--out-folder', folder]);
    expect(code).toBe(0);
    expect(stderr).toContain('web-7.example.org reaches that only if it is the machine of the controller');
    expect(readdirSync(folder).sort()).toEqual(names.map(name => `${name}.token`));
    const file = join(folder, 'web-7.example.org.token');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(agentEnrol(machine(), '', ['--token-file', file])).toMatchObject({ status: 0 });
    const silent = async () => (await controller.farcallHere('alice', ['hosts'])).stderr;
    expect(await silent()).toContain('web-7.example.org was enrolled by bob and has never said hello');
    const listed: { host: string; neverHeard: boolean }[] = await controller.farcallJson(
      'alice',
      'host',
      'enrolments',
    );
    expect(listed.filter(({ neverHeard }) => neverHeard).map(({ host }) => host)).toContain(
      'web-7.example.org',
    );
    // The broker lets a host with such a name speak under its own name, and under no other.
    const secrets = await controller.enrol('db-1.example.org', { env: 'many' });
    const host = await standInHost({
      name: 'db-1.example.org',
      nats: fleet.nats,
      labels: { env: 'many' },
      ...secrets,
    });
    onTestFinished(() => host.close());
    await host.hello();
    await controller.logged(line => line['host'] === 'db-1.example.org' && line['effect'] === 'registered');
    expect(await silent()).not.toContain('db-1.example.org');
    const found = await controller.farcallJson('alice', 'hosts', '@db-1.example.org');
    expect(found).toMatchObject([{ host: 'db-1.example.org' }]);
    expect(() => host.connection.publish(hostSubject('db-1.example.org', 'hello'))).not.toThrow();
  });

  it('becoming a host is not told by arguments, and what was typed is not repeated', async () => {
    const text = formatEnrolmentToken(await controller.enrolmentToken('web-2'));
    for (const args of [[text], ['--token', text], ['--token-file', text]]) {
      const { status, stdout, stderr } = agentEnrol(machine(), '', args);
      expect(status).toBe(2);
      if (args[0] !== '--token-file') expect(stdout + stderr).not.toContain(text.slice(0, 60));
    }
    const at = machine();
    const open = join(controller.folder, 'open.token');
    writeFileSync(open, text, { mode: 0o644 });
    expect(agentEnrol(at, '', ['--token-file', open])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is open to others'),
    });
    expect(existsSync(at.stateDirectory)).toBe(false);
  });

  const attempt = (token: EnrolmentToken, at = machine()) => enrol(token, at, systemClock);

  it('becoming a host works once: not again, not for somebody who recorded it', async () => {
    const token = await controller.enrolmentToken('once');
    const at = machine();
    await attempt(token, at);
    await expect(attempt(token)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('was used already'),
    });
    const recorded = await redemptionOf(token, hostKeys(at.stateDirectory, Date.now()), systemClock);
    expect(await codeOf(redeem(token, recorded))).toBe('CONFLICT');
  });

  it('becoming a host works once, also where two come at the same moment', async () => {
    const token = await controller.enrolmentToken('race');
    const ends = await Promise.allSettled(Array.from({ length: 6 }, () => attempt(token)));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('becoming a host does not work with a token that is expired, revoked, unknown, or for another host', async () => {
    const expired = await controller.enrolmentToken('late', '--expires', '1s');
    const revoked = await controller.enrolmentToken('revoked');
    const listed = await controller.farcallJson('alice', 'host', 'enrolments');
    const { id } = listed.find(({ host }: { host: string }) => host === 'revoked');
    expect((await controller.farcall('bob', 'host', 'revoke', id)).code).toBe(0);
    expect(await codeOf(attempt(revoked))).toBe('CONFLICT');
    expect(await codeOf(attempt({ ...revoked, secret: Buffer.alloc(32, 7) }))).toBe('UNAUTHENTICATED');
    const other = await controller.enrolmentToken('other');
    expect(await codeOf(attempt({ ...other, host: 'victim' }))).toBe('CONFLICT');
    // It is good still: a wrong try does not use it up.
    await attempt(other);
    await new Promise(resolve => setTimeout(resolve, 1100));
    await expect(attempt(expired)).rejects.toThrow(/is expired/);
  });

  it('becoming a host does not work with keys that are not one’s own', async () => {
    const token = await controller.enrolmentToken('thief');
    const [own, victim] = [hostKeys(keyFolder(), Date.now()), hostKeys(keyFolder(), Date.now())];
    const [mine, theirs] = [
      await redemptionOf(token, own, systemClock),
      await redemptionOf(token, victim, systemClock),
    ];
    expect(await codeOf(redeem(token, { ...theirs, keySignature: mine.keySignature }))).toBe(
      'TOKEN_KEY_UNKNOWN',
    );
    expect(await codeOf(redeem(token, { ...theirs, nkeySignature: mine.nkeySignature }))).toBe(
      'TOKEN_SIGNATURE',
    );
    expect(await codeOf(redeem(token, { ...mine, claim: theirs.claim }))).toBe('TOKEN_KEY_UNKNOWN');
    const second = await controller.enrolmentToken('thief-2');
    const other = await redemptionOf(second, own, systemClock);
    const { enrolmentKey, enrolmentSignature } = other;
    expect(await codeOf(redeem(second, { ...mine, enrolmentKey }))).toBe('UNAUTHENTICATED');
    expect(await codeOf(redeem(second, { ...mine, enrolmentSignature }))).toBe('TOKEN_KEY_UNKNOWN');
    // Somebody who gets a redemption, such as a controller, cannot put a key of their own into it.
    const { claim, keySignature, nkeySignature } = theirs;
    expect(await codeOf(redeem(token, { ...mine, claim, keySignature, nkeySignature }))).toBe('TOKEN_CLAIMS');
    // Keys that are those of a host already.
    await redeem(token, mine);
    expect(await codeOf(redeem(second, await redemptionOf(second, own, systemClock)))).toBe('CONFLICT');
  });

  function keyFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'farcall-keys-'));
    folders.push(folder);
    return folder;
  }

  it('becoming a host is told to nobody who answers in the controller’s place', async () => {
    const other = await startFleet();
    onTestFinished(() => other.stop());
    const impostor = other.controller;
    const token = await controller.enrolmentToken('mitm');
    const at = machine();
    expect(await codeOf(attempt({ ...token, address: impostor.address }, at))).toBe('UNREACHABLE');
    expect(JSON.stringify(impostor.log)).not.toContain('redeem');
    // An operator is as careful.
    const env = { ...controller.env('alice'), FARCALL_CONTROLLER: impostor.address };
    const { run } = await import('../../kit/fleet/controller-process.ts');
    expect(await run('farcall', ['requests'], { env })).toMatchObject({ code: 5 });
    // The true one takes it all the same.
    await attempt(token, at);
  });

  it('becoming a host comes to nothing where the controller hands out other roots than the operator named', async () => {
    const token = await controller.enrolmentToken('roots');
    const at = machine();
    expect(await codeOf(attempt({ ...token, rootsDigest: 'A'.repeat(43) }, at))).toBe('TRUST_INVALID');
    expect(existsSync(join(at.configDirectory, 'agent.json'))).toBe(false);
    expect(existsSync(join(at.configDirectory, 'roots.json'))).toBe(false);
  });

  let chosen = 0;
  it.each<[string, (token: EnrolmentToken) => Partial<EnrolmentToken>]>([
    ['other labels', () => ({ labels: { env: 'test' } })],
    ['fewer labels', () => ({ labels: {} })],
    ['another broker', ({ broker }) => ({ broker: { ...broker, servers: ['tls://127.0.0.1:4'] } })],
    [
      'other certificates of the broker',
      ({ broker }) => ({ broker: { ...broker, caDigest: 'A'.repeat(43) } }),
    ],
  ])(
    'becoming a host comes to nothing where the controller gives %s than the operator named',
    async (_what, change) => {
      chosen += 1;
      const token = await controller.enrolmentToken(`chosen-${chosen}`, '--label', 'env=prod');
      const at = machine();
      expect(await codeOf(attempt({ ...token, ...change(token) }, at))).toBe('MESSAGE_INVALID');
      expect(existsSync(join(at.configDirectory, 'agent.json'))).toBe(false);
    },
  );

  it('becoming a host names the newest trust bundle, and the host takes no older one', async () => {
    const token = await controller.enrolmentToken('least');
    const { bundle, digest } = JSON.parse(
      (await controller.farcallHere('alice', ['trust', 'show', '--json'])).stdout,
    );
    expect(token.bundle.version).toBe(bundle.version);
    expect(Buffer.from(token.bundle.digest, 'base64url').toString('hex')).toBe(
      digest.replace(/^sha256:/, ''),
    );
    const at = machine();
    await attempt(token, at);
    const config = JSON.parse(readFileSync(join(at.configDirectory, 'agent.json'), 'utf8'));
    expect(config.leastBundle).toEqual(token.bundle);
  });

  it('becoming a host is an approver’s to allow, and no one person’s where a host of that name is there', async () => {
    expect(await controller.farcallHere('alice', ['host', 'enrol', 'own'])).toMatchObject({
      code: 0, // alice approves too
    });
    expect(await controller.farcallHere('mallory', ['host', 'enrol', 'own'])).toMatchObject({ code: 4 });
    const before = await fleet.join('twice', { env: 'a' });
    expect(await controller.farcallHere('bob', ['host', 'enrol', 'twice'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('farcall host remove twice'),
    });
    const remove = ['host', 'remove', 'twice', '--reason', 'installed again', '--yes'];
    await controller.farcallHere('bob', remove);
    expect(await controller.farcallHere('bob', ['host', 'enrol', 'twice'])).toMatchObject({ code: 4 });
    await controller.farcallHere('carol', remove);
    const at = machine();
    await attempt(await controller.enrolmentToken('twice', '--label', 'env=b'), at);
    const { key } = hostKeys(at.stateDirectory, Date.now());
    const kids = (await controller.farcallJson('alice', 'hosts', 'host=twice')).map(
      (host: { kid: string }) => host.kid,
    );
    expect(kids).toEqual([key.kid]);
    await before.connection.closed();
    const login = await fleet.nats.hostLogin('twice');
    const old = await standInHost({
      name: 'twice',
      nats: fleet.nats,
      key: before.key,
      site: before.site,
      login,
    });
    onTestFinished(() => old.close());
    await old.hello();
    await controller.logged(
      line =>
        line['topic'] === 'hello' &&
        /another key than it was enrolled with/.test(JSON.stringify(line['err'])),
    );
  });

  it('becoming a host ends with farcall host remove: what the host says is not heard, and it gets no credential', async () => {
    const removed = await fleet.join('gone', {});
    const remove = ['host', 'remove', 'gone', '--reason', 'was scrapped', '--yes'];
    for (const person of ['bob', 'carol'])
      expect((await controller.farcallHere(person, remove)).code).toBe(0);
    await removed.connection.closed();
    // Somebody who can make logins comes to the broker all the same.
    const login = await fleet.nats.hostLogin('gone');
    const { key, site } = removed;
    const gone = await standInHost({ name: 'gone', nats: fleet.nats, key, site, login });
    onTestFinished(() => gone.close());
    await gone.hello();
    await controller.logged(
      line => line['topic'] === 'hello' && /gone is not enrolled/.test(JSON.stringify(line['err'])),
    );
    const subject = hostSubject('gone', 'credential');
    const asking = gone.connection.request(subject, credentialQueryCodec.encode({ host: 'gone' }), {
      timeout: 1000,
    });
    await expect(asking).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await controller.farcallJson('alice', 'hosts', 'host=gone')).toEqual([]);
    // A host that was removed is none that never came.
    const { stderr: silent } = await controller.farcallHere('alice', ['hosts']);
    expect(silent).not.toContain('gone was enrolled');
    const listed: { host: string }[] = await controller.farcallJson('bob', 'host', 'enrolments');
    expect(listed.filter(({ host }) => host === 'gone')).toMatchObject([
      { state: 'ended', neverHeard: false },
    ]);
    expect(await controller.farcallHere('bob', remove)).toMatchObject({ code: 4 });
    // The audit log has all of it, and holds.
    expect(await controller.auditVerify()).toMatchObject({ code: 0 });
  });

  it('becoming a host shows the labels that count, and those that a host claims', async () => {
    const secrets = await controller.enrol('labelled', { env: 'test' });
    const liar = await standInHost({
      name: 'labelled',
      nats: fleet.nats,
      labels: { env: 'prod' },
      ...secrets,
    });
    await liar.hello();
    await controller.logged(line => line['host'] === 'labelled' && line['effect'] === 'registered');
    await liar.close();
    expect((await controller.farcallHere('alice', ['hosts', 'host=labelled'])).stdout).toContain(
      'env=test (the host reports env=prod)',
    );
    expect(await controller.farcallJson('alice', 'hosts', 'env=prod')).toEqual([]);
  });

  it('becoming a host speaks TLS 1.3 and nothing older', async () => {
    const [host, port] = controller.address.split(':');
    const trying = new Promise((resolve, reject) => {
      const socket = connectTls({
        host,
        port: Number(port),
        maxVersion: 'TLSv1.2',
        minVersion: 'TLSv1.2',
        rejectUnauthorized: false,
      });
      socket.once('secureConnect', () => resolve(socket.getProtocol()));
      socket.once('error', reject);
    });
    await expect(trying).rejects.toThrow(/protocol version/i);
  });
});
