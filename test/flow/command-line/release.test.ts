import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../deploy/demo/service.ts';
import { type ControllerFixture, run } from '../../kit/fleet/controller-process.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

describe('what npm run build makes, somewhere else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-release-'));
  const release = join(folder, 'usr-lib-farcall');
  const programs = join(release, 'bin');
  let fleet: Fleet;
  let controller: ControllerFixture;
  let origin: string;

  beforeAll(async () => {
    cpSync(join(ROOT, 'dist'), release, { recursive: true });
    symlinkSync(join(ROOT, 'node_modules/node/bin/node'), join(programs, 'node'));
    const port = await freePort();
    origin = `http://localhost:${port}`;
    const console = { listen: `127.0.0.1:${port}`, origin };
    fleet = await startFleet({ programs, config: { console } });
    controller = fleet.controller;
  });
  afterAll(async () => {
    await fleet?.stop();
    rmSync(folder, { recursive: true });
  });

  it('the release is a controller, of what was built, that operators reach and whose console has its page', async () => {
    const command = readFileSync(`/proc/${controller.pid()}/cmdline`, 'utf8').split('\0');
    expect(command).toContain(join(release, 'lib/controller/main.cjs'));
    expect(await controller.farcall('alice', 'hosts')).toMatchObject({
      ...{ code: 0, stderr: 'No host has said hello to this controller yet.\n' },
    });
    const page = await fetch(origin);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('<title>farcall</title>');
  });

  it('the built agent runs somewhere else', async () => {
    const env = { PATH: process.env['PATH'] };
    const file = join(folder, 'policy.json');
    writeFileSync(file, '{}');
    const said = await run('farcall-agent', ['policy', 'check', file], { programs, env });
    expect(said).toMatchObject({ code: 0, stdout: expect.stringContaining('read'), stderr: '' });
  });

  it('the built controller makes a site', async () => {
    const made = join(folder, 'site');
    const args = ['init', '--folder', made, '--name', 'ctl-1', '--host', 'ctl.example.org'];
    expect(await run('farcall-controller', args, { programs, env: {} })).toMatchObject({ code: 0 });
    expect(readdirSync(made)).toEqual(expect.arrayContaining(['controller.json', 'ca.pem', 'nats']));
  });

  it('the release has beside what starts a thread the file of that thread, and it answers', async () => {
    const started = ['cli', 'controller', 'agent'].flatMap(part => threadsOf(join(release, 'lib', part)));
    expect(started.map(file => file.slice(release.length)).sort()).toEqual([
      '/lib/cli/statement-worker.cjs',
      '/lib/controller/derive-worker.cjs',
      '/lib/controller/store-worker.cjs',
    ]);
    for (const file of started) {
      // What is in the place of a store here cannot be made.
      const worker = new Worker(file, { workerData: { path: join(folder, 'none', 'farcall.db') } });
      const answer = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      worker.postMessage({ id: 7, jobs: [] });
      expect(await answer).toMatchObject(
        file.includes('statement') ? { id: 7, verdicts: [] } : { failed: { code: expect.any(String) } },
      );
      await worker.terminate();
    }
  });

  it('each program of the release has beside it the process that uses PKCS#11 tokens, which loads its library', async () => {
    for (const part of ['agent', 'cli', 'controller']) {
      const child = fork(join(release, 'lib', part, 'token-process.cjs'), {
        ...{ serialization: 'advanced', execArgv: [] },
      });
      const key = { modulePath: '/nowhere/lib.so', token: 'a', object: 'b', id: undefined };
      child.send({ key, want: 'point' });
      const [answer] = await once(child, 'message');
      expect(answer).toMatchObject({ failed: { message: expect.stringContaining('cannot be loaded') } });
      child.kill('SIGKILL');
    }
  });
});

/** The files of the threads that the code in `folder` starts. */
function threadsOf(folder: string): readonly string[] {
  const code = readdirSync(folder).map(file => readFileSync(join(folder, file), 'utf8'));
  const names = code.flatMap(text =>
    [...text.matchAll(/\(["'`]([a-z]+-worker)["'`],/g)].map(([, name]) => name),
  );
  return [...new Set(names)].map(name => join(folder, `${name}.cjs`));
}
