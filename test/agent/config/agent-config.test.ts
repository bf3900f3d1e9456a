import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { busCredentials } from '../../../agent/bus/index.ts';
import { parseAgentConfig, readAgentConfig } from '../../../agent/config/index.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const RIGHT = {
  host: 'web-01',
  nats: { servers: ['tls://broker:4222'], nkeySeedFile: 'host.seed', caFile: '/etc/ca.pem' },
  stateDirectory: 'state',
  rootsFile: '../roots.json',
  policyFile: '/etc/farcall/policy.json',
};

function parse(changes: object) {
  return parseAgentConfig(JSON.stringify({ ...RIGHT, ...changes }), '/etc/agent/agent.json');
}

test('relative paths are taken from where the configuration lies', () => {
  expect(parse({})).toMatchObject({
    labels: {},
    nats: { nkeySeedFile: '/etc/agent/host.seed', caFile: '/etc/ca.pem' },
    stateDirectory: '/etc/agent/state',
    rootsFile: '/etc/roots.json',
    policyFile: '/etc/farcall/policy.json',
    logLevel: 'info',
  });
});

describe('a configuration is refused, naming the member', () => {
  test.each([
    [{ host: 'Web_01' }, /host/],
    [{ host: 'a..b' }, /host/],
    [{ labels: { host: 'x' } }, /labels: no label can be called host,/],
    [{ labels: { Env: 'x' } }, /labels/],
    [{ nats: { servers: [] } }, /nats\.servers/],
    [{ nats: { servers: ['http://broker'] } }, /nats\.servers\.0: write tls:/],
    [{ nats: { servers: ['tls://me:secret@broker'] } }, /may not carry a user/],
    [{ nats: { servers: ['nats://broker'] } }, /plain nats:\/\/ is for loopback only/],
    [{ nats: { servers: ['nats://127.0.0.1.example.org'] } }, /plain nats:\/\/ is for loopback only/],
    [{ nats: { servers: ['tls://b'], credentialFile: 'y' } }, /credentialFile needs nkeySeedFile/],
    [{ stateDir: 'x' }, /stateDir/],
    [{ policyFile: undefined }, /policyFile/],
    [{ askJitterMs: -1 }, /askJitterMs/],
  ])('the change %j is refused', (changes, message) => {
    expect(() => parse(changes)).toThrow(message);
    expect(() => parse(changes)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test('a configuration is refused, naming the member if the text is not JSON', () => {
    expect(() => parseAgentConfig('{', 'agent.json')).toThrow(/agent\.json: not JSON/);
  });

  test('a configuration is refused, naming the member if the file does not exist', () => {
    expect(() => readAgentConfig('/nonexistent/agent.json')).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE' }),
    );
  });
});

describe('secrets', () => {
  function secretFile(mode: number): string {
    const path = join(temporaryDirectory(), 'secret');
    writeFileSync(path, 'swordfish\n');
    chmodSync(path, mode);
    return path;
  }

  test('secrets are read from files', () => {
    const credentials = busCredentials({ servers: [], nkeySeedFile: secretFile(0o600) });
    expect(credentials?.seed()).toEqual(Buffer.from('swordfish'));
  });

  test('secrets are refused where others can read them, without being quoted', () => {
    const nkeySeedFile = secretFile(0o640);
    expect(() => busCredentials({ servers: [], nkeySeedFile })).toThrow(/open to others; chmod 600/);
  });

  test('secrets that are missing are an error at the start', () => {
    expect(() => busCredentials({ servers: [], nkeySeedFile: '/nonexistent/seed' })).toThrow(
      /secret \/nonexistent\/seed cannot be read/,
    );
  });
});
