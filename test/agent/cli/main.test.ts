import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MAIN = fileURLToPath(new URL('../../../agent/main.ts', import.meta.url));

function agent(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('--help lists the commands of the agent', () => {
  expect(agent('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('run    runs the agent'),
  });
  expect(agent('run', '--help')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('--config FILE'),
  });
});

test.each([
  [[], /farcall-agent COMMAND/],
  [['fly'], /there is no command 'fly'/],
  [['constructor'], /there is no command 'constructor'/],
  [['call'], /call: expected one program, in quotes; got 0/],
  [['call', '--timeout', '0', 'x()'], /--timeout takes seconds, more than 0 and at most 3600, not '0'/],
  [['plan'], /plan: expected one program, in quotes; got 0/],
  [['run'], /run: --config FILE is missing \[CONFIG_INVALID\]/],
  [['run', '--conf', 'x'], /run: Unknown option '--conf'/],
  [['run', '--config', '/nonexistent/agent.json'], /agent\.json cannot be read \[FILE_UNREADABLE\]/],
])('wrong arguments %j exit with 2', (args, message) => {
  expect(agent(...args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(message) });
});

test('a wrong configuration exits with 2 and names the member', () => {
  const path = join(temporaryDirectory(), 'agent.json');
  writeFileSync(path, '{"host":"web-01","nats":{"servers":["tls://b"],"retry":1}}');
  const { status, stderr } = agent('run', '--config', path);
  expect(status).toBe(2);
  expect(stderr).toMatch(/agent\.json: nats: .*retry/);
});

test('config check prints what is in force, and names every fault of a configuration and of its policy', () => {
  const folder = temporaryDirectory();
  const [config, policy] = [join(folder, 'agent.json'), join(folder, 'policy.json')];
  const good = {
    ...{ host: 'web-01', nats: { servers: ['nats://127.0.0.1:4222'] }, stateDirectory: 'state' },
    ...{ rootsFile: 'roots.json', policyFile: 'policy.json' },
  };
  writeFileSync(config, JSON.stringify(good));
  writeFileSync(policy, '{}');
  const { status, stdout, stderr } = agent('config', 'check', config);
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ host: 'web-01', stateDirectory: join(folder, 'state') });
  writeFileSync(policy, '{"effect":["read"]}');
  expect(agent('config', 'check', config)).toMatchObject({
    ...{ status: 2, stdout: '', stderr: expect.stringMatching(/policy\.json: .*effect/) },
  });
  writeFileSync(config, JSON.stringify({ ...good, host: 'WEB 1', stateDirectory: 3 }));
  expect(agent('config', 'check', config)).toMatchObject({
    ...{ status: 2, stdout: '' },
    stderr: expect.stringMatching(/agent\.json: host: .*\n.*agent\.json: stateDirectory: /),
  });
  expect(agent('config')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('config check [FILE]'),
  });
  expect(agent('config', 'check', '--help').stdout).toContain('Reads a configuration as the agent does');
});

test('policy check prints what is in force, and names what is wrong', () => {
  const path = join(temporaryDirectory(), 'policy.json');
  writeFileSync(path, '{"effects":["read","call"],"functions":{"allow":["wake_up_*"]}}');
  const { status, stdout } = agent('policy', 'check', path);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    effects: ['read', 'call'],
    functions: { allow: ['wake_up_*'], deny: [] },
    modules: { allow: ['vmlinux'] },
    longestTimeoutMs: 30_000,
  });
  writeFileSync(path, '{"effect":["read"]}');
  expect(agent('policy', 'check', path)).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/policy\.json: .*effect/),
  });
  for (const args of [['--help'], ['check', '--help'], ['check', path, '-h']])
    expect(agent('policy', ...args)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Reads a host policy'),
    });
  expect(agent('policy')).toMatchObject({ status: 2, stderr: expect.stringContaining('policy check FILE') });
});
