import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../controller/cli/run-cli.ts';
import { nextSteps, type SetupFlags, setUp } from '../../../controller/setup/index.ts';
import { makeSite } from '../../../controller/site/index.ts';
import { freePort, type Service, startService } from '../../../deploy/demo/service.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { newSigningKey, readKeyFile, writeKeyFile } from '../../../shared/tokens/index.ts';
import { readBundleFile } from '../../../shared/trust/index.ts';
import { controllerRun } from '../../kit/fleet/controller-run.ts';
import { testTerminal } from '../../kit/terminal-kit.ts';

describe('a set-up of a whole site', () => {
  const top = mkdtempSync(join(tmpdir(), 'farcall-setup-'));
  const folder = join(top, 'site');
  let flags: SetupFlags;
  let broker: Service | undefined;

  beforeAll(async () => {
    const ports = { apiPort: String(await freePort()), brokerPort: String(await freePort()) };
    writeKeyFile(join(top, 'carol.key'), newSigningKey());
    writeFileSync(join(top, 'carol.pub'), JSON.stringify(readKeyFile(join(top, 'carol.key')).publicJwk));
    flags = {
      ...{ name: 'ctl-1', host: ['127.0.0.1'], root: ['rob', 'rose', 'rita'], requester: ['alice'] },
      ...{ approver: ['bob', `carol=${join(top, 'carol.pub')}`], listen: '127.0.0.1', ...ports },
    };
  });
  afterAll(async () => {
    await broker?.stop();
    rmSync(top, { recursive: true });
  });

  const setUpIn = (where: string, given: SetupFlags, ask?: (question: string) => Promise<string>) =>
    setUp({
      folder: where,
      standardFolder: '/nowhere',
      flags: given,
      ask,
      clock: systemClock,
      say: () => undefined,
    });
  const modes = (): (readonly [string, number])[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => [
      name,
      statSync(join(folder, name)).mode & 0o077,
    ]);
  const contents = () =>
    Object.fromEntries(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name))
        .map(path => [path, readFileSync(path, 'utf8')]),
    );

  it('a set-up makes a site whose bundle enough roots have signed, and makes no key for who brought one', async () => {
    const site = await setUpIn(folder, flags);
    expect(site).toMatchObject({ isStarted: false, isPublished: false, people: ['alice', 'bob', 'carol'] });
    expect(site.first).toMatchObject({ isSigned: true, missingRoots: [] });
    const { bundle } = readBundleFile(join(folder, 'trust.json'));
    expect(bundle).toMatchObject({
      roots: { threshold: 2 },
      thresholds: { standard: { read: 2, call: 2, write: 2 } },
    });
    expect(bundle.approvers.find(({ name }) => name === 'carol')?.keys).toEqual([
      readKeyFile(join(top, 'carol.key')).publicJwk,
    ]);
    expect(readdirSync(join(folder, 'offline/people/carol')).sort()).toEqual([
      'ca.pem',
      'config.json',
      'roots.json',
    ]);
  });

  it('whatever a set-up makes is its owner’s alone, and every private key of a person is offline', () => {
    expect(modes().filter(([, mode]) => mode !== 0)).toEqual([]);
    const keys = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
      name.endsWith('.key'),
    );
    expect(keys.filter(name => !name.startsWith('offline/')).sort()).toEqual(['controller.key', 'store.key']);
  });

  it('a second set-up changes nothing, and says the same', async () => {
    const before = contents();
    const site = await setUpIn(folder, flags);
    expect(contents()).toEqual(before);
    expect(nextSteps(folder, site).join('\n')).toContain('nats-server -c');
  });

  it.each<[string, Partial<SetupFlags>, RegExp]>([
    ['another name', { name: 'ctl-2' }, /other name than these: "ctl-1"/],
    ['another approver', { approver: ['mallory'] }, /other approvers/],
  ])('a set-up over a site with %s is refused', async (_what, changed, text) => {
    const before = contents();
    await expect(setUpIn(folder, { ...flags, ...changed })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(text),
    });
    expect(contents()).toEqual(before);
  });

  it('a set-up over a site that it did not make is refused', async () => {
    const other = join(top, 'other');
    const ports = { apiPort: 7440, brokerPort: 4222 };
    await makeSite(
      other,
      { name: 'ctl-1', hosts: ['x'], brokerHosts: ['x'], listen: '127.0.0.1', ...ports },
      Date.now(),
    );
    await expect(setUpIn(other, flags)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('without a terminal a set-up names the options that are missing, and with one it asks five questions', async () => {
    const rest = { listen: '127.0.0.1', apiPort: '7440', brokerPort: '4222' };
    await expect(setUpIn(join(top, 'none'), rest)).rejects.toMatchObject({
      message: expect.stringContaining('--host, --name, --root, --requester, --approver'),
    });
    const asked: string[] = [];
    const answers = ['ctl.example.org', '', 'rob', 'alice', `bob, carol=${join(top, 'carol.pub')}`];
    const site = await setUpIn(join(top, 'asked'), rest, async question => {
      asked.push(question);
      return answers[asked.length - 1]!;
    });
    expect(asked).toHaveLength(5);
    expect(site.answers).toMatchObject({ name: 'ctl-1', hosts: ['ctl.example.org'], roots: ['rob'] });
  });

  it('a public key that cannot be read, or that is in two roles, stops a set-up before it has made anything', async () => {
    const bad = join(top, 'bad');
    for (const root of ['rob=/nowhere/rob.pub', `carol=${join(top, 'carol.pub')}`])
      await expect(setUpIn(bad, { ...flags, root: [root] })).rejects.toMatchObject({
        code: expect.stringMatching(/CONFIG_INVALID|TRUST_INVALID/),
      });
    expect(() => statSync(bad)).toThrow();
  });

  it('roots who brought their keys sign later, and another set-up goes on from there', async () => {
    const where = join(top, 'later');
    const waiting = { ...flags, root: [`carol=${join(top, 'carol.pub')}`], approver: ['bob'] };
    const site = await setUpIn(where, waiting);
    expect(site.first).toMatchObject({ isSigned: false, missingRoots: ['carol'] });
    expect(nextSteps(where, site).join('\n')).toContain('Each of carol signs: farcall trust sign');
    const terminal = testTerminal();
    const sign = (yes: string) =>
      runCli(['trust', 'sign', join(where, 'trust.json'), '--key', join(top, 'carol.key'), '--yes', yes], {
        ...{ terminal, clock: systemClock, env: {} },
      });
    await sign('sha256:0');
    const digest = /digest of this bundle is (\S+),/.exec(terminal.stderr.join('\n'))![1]!;
    expect(await sign(digest)).toBe(0);
    expect((await setUpIn(where, waiting)).first.isSigned).toBe(true);
  });

  it('broker and controller start with what a set-up has made, and an approver’s doctor finds nothing wrong', async () => {
    broker = await startService({
      ...{ name: 'nats-server', command: 'nats-server', args: ['-c', join(folder, 'nats/nats.conf')] },
      ...{ logFile: join(top, 'nats.log'), ready: (log: string) => log.includes('Server is ready') },
    });
    // The console's port may be anybody's here.
    const config = join(folder, 'controller.json');
    const { console: page, ...rest } = JSON.parse(readFileSync(config, 'utf8'));
    expect(page).toEqual({ listen: '127.0.0.1:8440', origin: 'http://localhost:8440' });
    writeFileSync(config, JSON.stringify(rest));
    const controller = controllerRun(config);
    await controller.start();
    try {
      const farcall = async (...args: string[]) => {
        const terminal = testTerminal();
        const own = join(folder, 'offline/people/bob/config.json');
        const env = { HOME: top };
        const code = await runCli([...args, '--config', own], { terminal, clock: systemClock, env });
        return { code, stdout: terminal.text(), stderr: terminal.stderr };
      };
      expect(await farcall('trust', 'publish', join(folder, 'trust.json'))).toMatchObject({ code: 0 });
      const { code, stdout } = await farcall('doctor');
      expect(stdout).not.toContain('UNFIT');
      expect(code).toBe(0);
    } finally {
      await controller.end('SIGTERM');
    }
  });
});
