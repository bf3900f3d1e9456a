import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../../../../controller/cli/core/index.ts';
import { runCli } from '../../../../../controller/cli/run-cli.ts';
import { readIdentity } from '../../../../../controller/cli/session/index.ts';
import { systemClock } from '../../../../../shared/clock/index.ts';
import { testTerminal } from '../../../../kit/terminal-kit.ts';
import { farcallAgainst, REQUEST, SITE, VIEWS } from '../../support/canned-answers.ts';

const PROD = {
  ...{ controller: 'ctl.example.org:7440', caFile: 'ca.pem', name: 'alice', key: 'alice.key' },
  site: SITE,
};
const LAB = { controller: 'unix:/run/lab.sock', name: 'alice', site: SITE, key: 'lab.key' };
const CONTEXTS = { current: 'prod', contexts: { prod: PROD, lab: LAB } };

const folder = mkdtempSync(join(tmpdir(), 'farcall-contexts-'));
const configFile = join(folder, 'config.json');
const write = (content: object): void => writeFileSync(configFile, JSON.stringify(content));

async function farcall(args: readonly string[], env: Record<string, string> = {}) {
  const terminal = testTerminal();
  const code = await runCli(args, {
    terminal,
    clock: systemClock,
    env: { FARCALL_CONFIG: configFile, ...env },
  });
  return { code, stdout: terminal.text(), stderr: terminal.stderr.join('\n') };
}

beforeEach(() => write(CONTEXTS));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the context that is used', () => {
  const controllerOf = (contextName: string | undefined, env: Record<string, string> = {}) =>
    readIdentity({ configFile, contextName, env }).controller;

  it.each([
    ['the current one of the file', undefined, {}, PROD.controller],
    ['that of FARCALL_CONTEXT', undefined, { FARCALL_CONTEXT: 'lab' }, LAB.controller],
    ['that of --context, before all others', 'prod', { FARCALL_CONTEXT: 'lab' }, PROD.controller],
    [
      'the current one, with its controller overridden by FARCALL_CONTROLLER',
      undefined,
      { FARCALL_CONTROLLER: 'unix:/x' },
      'unix:/x',
    ],
    [
      'that of --context, without any override from the environment',
      'lab',
      { FARCALL_CONTROLLER: 'unix:/x' },
      LAB.controller,
    ],
  ])('the context in use is %s', (_name, contextName, env, controller) => {
    expect(controllerOf(contextName, env as Record<string, string>)).toBe(controller);
  });

  it('paths of a context are relative to the file, and a context has a name if there are several', () => {
    expect(readIdentity({ configFile, env: {} })).toMatchObject({
      ...{ key: join(folder, 'alice.key'), contextName: 'prod' },
    });
    write({ contexts: { only: LAB } });
    expect(readIdentity({ configFile, env: {} })).toMatchObject({
      ...LAB,
      contextName: undefined,
      key: join(folder, 'lab.key'),
    });
  });

  it.each([
    [
      { contexts: { prod: PROD, lab: LAB } },
      undefined,
      'choose a context with --context or farcall context use (prod, lab)',
    ],
    [CONTEXTS, 'test', 'has no context test; there are prod, lab'],
    [PROD, 'test', 'has no context test; it has one identity, and no contexts'],
    [{ ...CONTEXTS, current: 'test' }, undefined, 'current: there is no context test'],
    [{ contexts: {} }, undefined, 'contexts: there is none'],
    [{ ...CONTEXTS, ...PROD }, undefined, 'Unrecognized key'],
    [{ contexts: { 'a b': PROD } }, undefined, 'contexts.a b: '],
    [{ contexts: { prod: { name: 'alice' } } }, undefined, 'write "controller" into'],
  ])('without a valid context the error says what to do: %j', (content, contextName, message) => {
    write(content);
    expect(() => readIdentity({ configFile, contextName, env: {} })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) }),
    );
  });
});

describe('farcall context', () => {
  it('farcall context list lists the contexts and marks the current one', async () => {
    expect((await farcall(['context', 'list'])).stdout.split('\n')).toEqual([
      expect.stringMatching(/^ +CONTEXT +CONTROLLER +NAME +KEY$/),
      expect.stringMatching(/^\* {2}prod +ctl\.example\.org:7440 +alice +\/.*alice\.key$/),
      expect.stringMatching(/^ {3}lab +unix:\/run\/lab\.sock +alice +\/.*lab\.key$/),
      '',
    ]);
    const { stdout } = await farcall(['context', 'list', '--json'], { FARCALL_CONTEXT: 'lab' });
    expect(JSON.parse(stdout).map((each: { isCurrent: boolean }) => each.isCurrent)).toEqual([false, true]);
  });

  it('farcall context use changes only the current context, and keeps a symbolic link', async () => {
    const link = join(folder, 'link.json');
    symlinkSync(configFile, link);
    expect(await farcall(['context', 'use', 'lab'], { FARCALL_CONFIG: link })).toMatchObject({
      code: EXIT.ok,
    });
    expect(JSON.parse(readFileSync(configFile, 'utf8'))).toEqual({ ...CONTEXTS, current: 'lab' });
    expect(statSync(configFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(link, 'utf8')).toBe(readFileSync(configFile, 'utf8'));
  });

  it('farcall context use warns if FARCALL_CONTEXT overrides the new context', async () => {
    const { stderr } = await farcall(['context', 'use', 'lab'], { FARCALL_CONTEXT: 'prod' });
    expect(stderr).toBe('In this shell, FARCALL_CONTEXT=prod overrides it. Unset it.');
  });

  it.each([
    [CONTEXTS, 'test', 'has no context test'],
    [PROD, 'prod', 'has one identity, and no contexts'],
  ])('farcall context use refuses an unknown context: %j', async (content, name, message) => {
    write(content);
    const before = readFileSync(configFile, 'utf8');
    expect(await farcall(['context', 'use', name])).toMatchObject({
      ...{ code: EXIT.usage, stderr: expect.stringContaining(message) },
    });
    expect(readFileSync(configFile, 'utf8')).toBe(before);
  });

  it('farcall context show prints the controller, name and key of a context', async () => {
    expect((await farcall(['context', 'show', 'lab'])).stdout).toBe(
      `context    lab\ncontroller unix:/run/lab.sock\nsite       ${SITE}\nname       alice\nkey        ${folder}/lab.key\n`,
    );
  });
});

it('if there are several contexts, a confirmation names the context that is used', async () => {
  write(CONTEXTS);
  const questions: string[] = [];
  const ask = async (question: string): Promise<string> => {
    questions.push(question);
    return 'n';
  };
  const terminal = testTerminal({ canAsk: true, ask });
  const args = ['abort', REQUEST.id, '--reason', 'r'];
  await farcallAgainst({ getRequest: async () => VIEWS.running }, args, terminal, {
    FARCALL_CONFIG: configFile,
  });
  expect(questions).toEqual([
    expect.stringMatching(/^Abort sha256:\w+ at site LabQ9sd0vFpR, context prod \(unix:\/.*\)\? \[y\/N\] $/),
  ]);
});
