import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examineHost } from '../../../agent/doctor/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import type { Finding } from '../../../shared/doctor/index.ts';
import { eventually } from '../../kit/eventually.ts';
import { type AgentHome, agentHome } from '../../kit/fleet/agent-home.ts';
import { startAgentProcess } from '../../kit/fleet/agent-process.ts';
import { type NatsServer, startNatsServer } from '../../kit/fleet/nats-server.ts';

const AGENT = new URL('../../../agent/main.ts', import.meta.url).pathname;
const DAY_MS = 86_400_000;

describe('the doctor of a host', () => {
  let nats: NatsServer;
  const servers: Server[] = [];

  beforeAll(async () => {
    nats = await startNatsServer();
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    await nats?.stop();
  });

  /** What the doctor says of one place. */
  async function said(home: AgentHome, check: string, nowMs = Date.now()): Promise<readonly Finding[]> {
    const clock = { ...systemClock, nowMs: () => nowMs };
    const findings = await examineHost({ configFile: home.configFile, clock });
    return findings.filter(each => each.check === check);
  }

  /** A server that greets with `text`, and is no broker. */
  async function otherServer(text: string): Promise<string> {
    const server = createServer(socket => socket.on('error', () => undefined).end(text));
    servers.push(server);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return `tls://localhost:${(server.address() as AddressInfo).port}`;
  }

  it('the doctor finds nothing wrong with the files and the broker of a host that runs', async () => {
    const home = await agentHome(nats);
    const agent = startAgentProcess(home);
    await eventually('the agent is connected', () => agent.log().includes('is connected to the broker'));
    for (const check of ['configuration', 'policy', 'roots', 'agent', 'disk', 'broker'])
      expect(await said(home, check), check).toEqual([{ check, verdict: 'ok', text: expect.any(String) }]);
    expect((await said(home, 'broker'))[0]!.text).toMatch(
      /reached in \d+ ms, its certificate ends in \d+ days/,
    );
    expect((await said(home, 'agent'))[0]!.text).toBe('the agent runs');
  });

  it.each<[string, string, (home: AgentHome) => void, RegExp]>([
    [
      'a configuration that is no JSON',
      'configuration',
      home => writeFileSync(home.configFile, '{'),
      /not JSON/,
    ],
    [
      'a policy that others may write',
      'policy',
      home => chmodSync(join(home.directory, 'policy.json'), 0o666),
      /chmod go-w/,
    ],
    ['roots that are missing', 'roots', home => rmSync(join(home.directory, 'roots.json')), /roots\.json/],
    [
      'a trust bundle that is damaged',
      'trust',
      home => writeFileSync(join(home.stateDirectory, 'trust.json'), '{}'),
      /cannot use the trust bundle/,
    ],
    [
      'a trust bundle that never came',
      'trust',
      home => rmSync(join(home.stateDirectory, 'trust.json')),
      /no trust bundle yet/,
    ],
    [
      'a credential that is missing',
      'login',
      home => rmSync(join(home.stateDirectory, 'broker.jwt')),
      /there is no .*broker\.jwt/,
    ],
  ])('the doctor finds %s, and says what to do', async (_what, check, spoil, text) => {
    const home = await agentHome(nats);
    spoil(home);
    expect(await said(home, check)).toEqual([
      { check, verdict: 'unfit', text: expect.stringMatching(text), remedy: expect.any(String) },
    ]);
  });

  it('the doctor says when trust and login end, before they do', async () => {
    const home = await agentHome(nats);
    const { expiresAtMs } = home.kit.bundle;
    expect(await said(home, 'trust', expiresAtMs - 10 * DAY_MS)).toMatchObject([{ verdict: 'ok' }]);
    expect(await said(home, 'trust', expiresAtMs - DAY_MS)).toMatchObject([{ verdict: 'warning' }]);
    expect(await said(home, 'trust', expiresAtMs + 1)).toMatchObject([{ verdict: 'unfit' }]);
    expect(await said(home, 'login', Date.now() - 30 * DAY_MS)).toMatchObject([{ verdict: 'ok' }]);
    expect(await said(home, 'login', Date.now() + 400 * DAY_MS)).toMatchObject([
      { verdict: 'unfit', text: expect.stringContaining('ended') },
    ]);
  });

  it('the doctor says of each broker why it is not reached, and one that is reached suffices', async () => {
    const strangers = [await otherServer('HTTP/1.1 400 Bad Request\r\n\r\n'), await otherServer('')];
    const unreached = ['tls://no-such-name.invalid:4222', 'tls://localhost:1', ...strangers];
    const natsOf = (urls: readonly string[]) => ({ servers: urls, caFile: nats.caFile });
    const alone = await agentHome(nats, { config: { nats: natsOf(unreached) } });
    const broken = await said(alone, 'broker');
    expect(broken.map(({ verdict }) => verdict)).toEqual(unreached.map(() => 'unfit'));
    expect(broken.map(({ text }) => text)).toEqual([
      expect.stringContaining('(DNS)'),
      expect.stringContaining('nothing listens on this port'),
      expect.stringContaining('no broker'),
      expect.stringContaining('closes the connection'),
    ]);
    const both = await agentHome(nats, { config: { nats: natsOf([nats.url, 'tls://localhost:1']) } });
    expect((await said(both, 'broker')).map(({ verdict }) => verdict)).toEqual(['ok', 'warning']);
  });

  it('the doctor does not take the certificate of a broker that another authority signed', async () => {
    const impostor = await startNatsServer();
    try {
      const config = { nats: { servers: [impostor.url], caFile: nats.caFile } };
      const fooled = await agentHome(nats, { config });
      expect(await said(fooled, 'broker')).toMatchObject([
        { verdict: 'unfit', text: expect.stringMatching(/certificate|signature/) },
      ]);
    } finally {
      await impostor.stop();
    }
  });

  it('the file for who helps has what the doctor found and no secret, and overwrites nothing', async () => {
    const home = await agentHome(nats);
    const bundle = join(home.directory, 'support.gz');
    const run = () =>
      spawnSync(process.execPath, [AGENT, 'doctor', '--config', home.configFile, '--bundle', bundle], {
        encoding: 'utf8',
      });
    const { stdout, stderr } = run();
    expect(stdout).toMatch(/^ok {7}configuration/m);
    expect(stderr).toContain('It has no secrets');
    const text = gunzipSync(readFileSync(bundle)).toString();
    expect(JSON.parse(text)).toMatchObject({ config: { host: 'web-01' }, findings: expect.any(Array) });
    for (const secret of ['broker.seed', 'broker.jwt', 'host.key'].map(name =>
      join(home.stateDirectory, name),
    ))
      if (existsSync(secret)) expect(text).not.toContain(readFileSync(secret, 'utf8').trim());
    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('is not overwritten') });
  });
});
