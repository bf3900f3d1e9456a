import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../kit/eventually.ts';
import { Names, stepsOf, Terminals } from './tutorial-session.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NPM_RUN_DEMO = 'npm run demo -- ';

/** What a reader of docs/tutorial.md does, in virtual machines: the first command goes on until the end. */
describe('docs/tutorial.md', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'farcall-tutorial-'));
  const [first, ...steps] = stepsOf(readFileSync(join(ROOT, 'docs/tutorial.md'), 'utf8'));
  const names = new Names();
  const terminals = new Terminals(scratch);
  let demo: ChildProcess;
  let printed = '';

  beforeAll(async () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(first?.command.startsWith(NPM_RUN_DEMO)).toBe(true);
    expect(scripts.demo).toBe('sh deploy/demo/start.sh');
    expect(readFileSync(join(ROOT, 'deploy/demo/start.sh'), 'utf8')).toContain(
      'exec node_modules/node/bin/node deploy/demo/main.ts "$@"',
    );
    // As in a checkout.
    symlinkSync(join(ROOT, 'deploy'), join(scratch, 'deploy'));
    const options = first!.command.slice(NPM_RUN_DEMO.length).split(' ');
    demo = spawn(process.execPath, [join(ROOT, 'deploy/demo/main.ts'), ...options], {
      ...{ cwd: scratch, stdio: ['ignore', 'pipe', 'inherit'] },
    });
    demo.stdout!.setEncoding('utf8').on('data', piece => {
      printed += piece;
    });
    const ready = () => demo.exitCode !== null || printed.includes('Ctrl-C stops everything.\n');
    await eventually('the demo keeps running', ready);
  });

  afterAll(async () => {
    if (demo?.exitCode === null) {
      demo.kill('SIGINT');
      await once(demo, 'exit');
    }
    rmSync(scratch, { recursive: true, force: true });
  });

  test('docs/tutorial.md begins with a fleet that comes up', () => {
    expect(names.agree(first!.expected, printed), printed).toBe(true);
  });

  test('the tutorial has more than twenty steps', () => {
    expect(steps.length).toBeGreaterThan(20);
  });

  for (const { person, command, expected, code } of steps)
    test(`${person}$ ${command}`, async () => {
      const ended = await terminals.type(person, names.inCommand(command));
      expect(ended).toMatchObject({ code });
      expect(names.agree(expected, ended.text), ended.text).toBe(true);
    });
});
