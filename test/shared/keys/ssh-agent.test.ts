import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FarcallError } from '../../../shared/errors/index.ts';
import { openSigningKey } from '../../../shared/keys/index.ts';
import { readAgentKeys, readAgentSignature } from '../../../shared/keys/ssh-agent-protocol.ts';
import { sshString, u32 } from '../../../shared/keys/ssh-encoding.ts';
import type { SigningKey } from '../../../shared/tokens/index.ts';
import { temporaryDirectory } from '../../agent/support/temporary-directory.ts';
import { keyOf } from '../../kit/cast.ts';
import { type SshAgent, sshAgent } from '../../kit/keys/ssh-agent-kit.ts';

const DATA = Buffer.from('eyJhbGciOiJFZERTQSJ9.e30');

describe('an Ed25519 key in the agent of OpenSSH', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-agent-'));
  let agent: SshAgent;
  let fingerprint: string;
  const open = (name: string): Promise<SigningKey> =>
    openSigningKey(`ssh-agent:${name}`, { env: { SSH_AUTH_SOCK: agent.socket } });

  beforeAll(async () => {
    agent = await sshAgent(folder);
    fingerprint = agent.add('alice@laptop');
    agent.add('work', 'ecdsa');
    agent.add('twice');
    agent.add('twice');
  });
  afterAll(() => {
    agent?.end();
    rmSync(folder, { recursive: true });
  });

  test('a key in an agent signs, named by its fingerprint or by its comment', async () => {
    const byFingerprint = await open(fingerprint);
    const byComment = await open('alice@laptop');
    expect(byComment.publicJwk).toEqual(byFingerprint.publicJwk);
    // Signatures that do not verify are an error.
    expect(await byFingerprint.sign(DATA)).toHaveLength(64);
    expect(await byFingerprint.sign(Buffer.alloc(60_000))).toHaveLength(64);
  });

  test.each([
    ['nobody', /has no Ed25519 key 'nobody'; it has SHA256:.* \(alice@laptop\)/],
    ['work', /has no Ed25519 key 'work'/],
    ['twice', /several keys 'twice'; name one by its fingerprint/],
  ])('the name %s is refused, and the error lists the keys', async (name, message) => {
    await expect(open(name)).rejects.toMatchObject({
      ...{ code: 'KEY_UNAVAILABLE', message: expect.stringMatching(message) },
    });
  });

  test('an agent that is locked, or has lost the key, is told apart from one that is gone', async () => {
    const other = await sshAgent(temporaryDirectory());
    other.add('bob');
    const env = { SSH_AUTH_SOCK: other.socket };
    const key = await openSigningKey('ssh-agent:bob', { env });
    other.sshAdd(['-D']);
    await expect(key.sign(DATA)).rejects.toMatchObject({ code: 'KEY_REFUSED' });
    await expect(openSigningKey('ssh-agent:bob', { env })).rejects.toThrow(/it is locked, or ssh-add/);
    other.end();
    await expect(key.sign(DATA)).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
    await expect(openSigningKey('ssh-agent:bob', { env: {} })).rejects.toThrow(/SSH_AUTH_SOCK is not set/);
  });
});

describe('agents in wrong hands', () => {
  const key = keyOf('bob');
  const blob = Buffer.concat([
    sshString(Buffer.from('ssh-ed25519')),
    sshString(Buffer.from(key.publicJwk.x, 'base64url')),
  ]);
  const keysReply = framed(12, u32(1), sshString(blob), sshString(Buffer.from('bob')));
  const signatureBy = (algorithm: string, bytes: Uint8Array): Buffer =>
    framed(14, sshString(Buffer.concat([sshString(Buffer.from(algorithm)), sshString(bytes)])));

  /** An agent that answers the list of keys, and then this. */
  async function signedBy(answer: Buffer): Promise<Uint8Array> {
    const socket = join(temporaryDirectory(), 'sock');
    const server = await answering(socket, request => (request[4] === 11 ? keysReply : answer));
    try {
      const opened = await openSigningKey('ssh-agent:bob', { env: { SSH_AUTH_SOCK: socket } });
      return await opened.sign(DATA);
    } finally {
      server.close();
    }
  }

  test('what the key has signed is taken', async () => {
    expect(await signedBy(signatureBy('ssh-ed25519', await key.sign(DATA)))).toHaveLength(64);
  });

  test('a signature by another key, over other bytes or by another algorithm is thrown away', async () => {
    for (const answer of [
      signatureBy('ssh-ed25519', await keyOf('eve').sign(DATA)),
      signatureBy('ssh-ed25519', await key.sign(Buffer.from('other'))),
      signatureBy('ssh-ed25519', Buffer.alloc(3)),
      signatureBy('sk-ssh-ed25519@openssh.com', await key.sign(DATA)),
    ])
      await expect(signedBy(answer)).rejects.toMatchObject({ code: 'KEY_WRONG' });
  });

  test('replies that are no such replies are refused', async () => {
    for (const answer of [
      framed(5),
      framed(99),
      framed(14, u32(0xffffffff)),
      Buffer.from([0xff, 0xff, 0xff, 0xff, 14]),
      Buffer.alloc(4),
      Buffer.concat([signatureBy('ssh-ed25519', await key.sign(DATA)).subarray(0, 5), u32(5)]),
    ])
      await expect(signedBy(answer)).rejects.toMatchObject({
        code: expect.stringMatching(/^KEY_(REFUSED|UNAVAILABLE)$/),
      });
  });

  test('whatever bytes an agent answers, they give keys, a signature or an error of farcall', () => {
    const valueOrError = (work: () => unknown): void => {
      try {
        work();
      } catch (error) {
        expect(error).toBeInstanceOf(FarcallError);
      }
    };
    const reply = keysReply.subarray(4);
    fc.assert(
      fc.property(fc.nat(reply.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(reply);
        changed[at] = value;
        valueOrError(() => readAgentKeys(changed));
        valueOrError(() => readAgentKeys(reply.subarray(0, at)));
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.constantFrom(5, 12, 14), (bytes, type) => {
        const some = Buffer.concat([Buffer.of(type), bytes]);
        valueOrError(() => readAgentKeys(some));
        valueOrError(() => readAgentSignature(some));
      }),
      { numRuns: 1000 },
    );
  });

  test('a reply with another byte after it, or with more keys than an agent may have, is refused', () => {
    const reply = keysReply.subarray(4);
    expect(readAgentKeys(reply)).toHaveLength(1);
    expect(() => readAgentKeys(Buffer.concat([reply, Buffer.of(0)]))).toThrow(/there is more in it/);
    expect(() => readAgentKeys(Buffer.concat([Buffer.of(12), u32(1_000_000)]))).toThrow(
      /it has 1000000 keys/,
    );
  });
});

function framed(type: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.of(type), ...content]);
  return Buffer.concat([u32(body.length), body]);
}

function answering(socket: string, answerTo: (request: Buffer) => Buffer): Promise<Server> {
  const server = createServer(peer =>
    peer.on('error', () => undefined).on('data', request => peer.end(answerTo(request))),
  );
  return new Promise(resolve => server.listen(socket, () => resolve(server)));
}
