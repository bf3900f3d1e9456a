import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { controllerProgram } from '../../controller/program.ts';
import { agentVersion } from '../../shared/version/index.ts';

const UNITS = join(import.meta.dirname, '../../deploy/systemd');
const FOLDER = '/var/lib/farcall-controller';

const folders: string[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Runs `farcall-controller ARGS`, which must end by itself. */
async function controller(...args: string[]) {
  const lines = { out: [] as string[], err: [] as string[] };
  vi.spyOn(console, 'log').mockImplementation(line => void lines.out.push(String(line)));
  vi.spyOn(console, 'error').mockImplementation(line => void lines.err.push(String(line)));
  const program = controllerProgram().configureOutput({ writeOut: text => void lines.out.push(text) });
  await program.parseAsync(args, { from: 'user' }).catch(() => undefined);
  return { out: lines.out.join('\n'), err: lines.err.join('\n') };
}

/** Runs `farcall-controller init` for these hosts in a new folder. */
function init(...hosts: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-init-'));
  folders.push(folder);
  return controller(
    'init',
    '--folder',
    folder,
    '--name',
    'ctl-1',
    ...hosts.flatMap(host => ['--host', host]),
  );
}

describe('farcall-controller', () => {
  it('farcall-controller --version prints the version', async () => {
    expect((await controller('--version')).out).toBe(`farcall-controller ${agentVersion()}\n`);
  });

  it('the folder of a site is the same for every command and every unit of systemd', () => {
    const defaults = controllerProgram().commands.flatMap(({ options }) =>
      options.filter(({ long }) => long === '--folder' || long === '--config').map(each => each.defaultValue),
    );
    expect(defaults.toSorted()).toEqual([
      ...[FOLDER, FOLDER, FOLDER],
      ...Array(3).fill(`${FOLDER}/controller.json`),
    ]);
    for (const unit of ['farcall-controller.service', 'farcall-broker.service']) {
      const named = readFileSync(join(UNITS, unit), 'utf8').match(/\/var\/lib\/[\w-]+/g) ?? [];
      expect(new Set(named)).toEqual(new Set([FOLDER]));
    }
  });

  it('farcall-controller config check prints what is in force, without what may be a secret', async () => {
    await init('ctl.example.org');
    const file = join(folders.at(-1)!, 'controller.json');
    const config = JSON.parse(readFileSync(file, 'utf8'));
    const webhooks = [{ name: 'chat', format: 'slack', url: 'https://chat.example.org/hooks/x4f9' }];
    writeFileSync(file, JSON.stringify({ ...config, webhooks }));
    const { out } = await controller('config', 'check', '--config', file);
    expect(JSON.parse(out)).toMatchObject({ name: 'ctl-1', webhooks: [{ url: 'https://chat.example.org' }] });
    expect(out).not.toContain('x4f9');
  });

  it('farcall-controller init says how people make their keys before it needs them, and names the ports', async () => {
    const { out, err } = await init('ctl.example.org');
    expect(err).toBe('');
    expect(out.indexOf('farcall key new')).toBeGreaterThan(-1);
    expect(out.indexOf('farcall key new')).toBeLessThan(out.indexOf('farcall trust init'));
    expect(out).toContain('0.0.0.0:7440');
    expect(out).toContain('0.0.0.0:4222');
  });

  it.each(['127.0.0.1', 'localhost', '::1'])(
    'farcall-controller init warns of %s, at which no other machine reaches the site',
    async host => {
      const { err } = await init(host, 'ctl.example.org');
      expect(err).toContain(
        `${host} is this machine itself: no other machine can reach the controller there`,
      );
      expect(err).toContain('can reach the broker there');
    },
  );
});
