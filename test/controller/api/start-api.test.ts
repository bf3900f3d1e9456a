import { mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server as SocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  authenticator,
  callerLimits,
  type ListeningApi,
  type OperatorHandlers,
  operatorHandlers,
  startApi,
} from '../../../controller/api/index.ts';
import { type OperatorClient, operatorClient } from '../../../controller/cli/session/index.ts';
import { hostManagement } from '../../../controller/enrolment/index.ts';
import { lockManagement } from '../../../controller/locks/index.ts';
import { advanceRequest } from '../../../controller/service/index.ts';
import { trustSource } from '../../../controller/trust/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { callDraftCodec } from '../../../shared/messages/index.ts';
import { digestText, sha256 } from '../../../shared/tokens/index.ts';
import { BUNDLE, KEYS, SITE, tokenOf } from '../../kit/cast.ts';
import { type ControllerParts, codeOf, controllerParts, DRAFT, introduce } from '../../kit/controller-kit.ts';
import { requestTokenOf } from '../../kit/decisions.ts';

describe('the operator API', () => {
  let folder: string;
  let parts: ControllerParts;
  let api: ListeningApi | undefined;
  const clients: { close(): void }[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-api-'));
    parts = controllerParts();
    await introduce(parts);
    // Deadlines are real time, so here everything is.
    const bundle = { ...BUNDLE, issuedAtMs: 0, expiresAtMs: Number.MAX_SAFE_INTEGER };
    const trust = trustSource({ site: SITE, newest: () => bundle, clock: systemClock });
    parts = { ...parts, clock: { ...systemClock, advance: () => undefined }, trust };
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await api?.close();
    api = undefined;
    rmSync(folder, { recursive: true });
  });

  const start = async (listen: string): Promise<string> => {
    api = await startApi({
      listen,
      tls: undefined,
      redeem: undefined,
      authenticate: authenticator(parts),
      limits: parts.callerLimits,
      handlers: operatorHandlers({
        ...parts,
        management: hostManagement(parts),
        lockManagement: lockManagement(parts),
        issueConsoleCode: undefined,
        kernelTypesFetcher: { problemOf: () => undefined, fetchMissing: async () => undefined },
        advance: id => advanceRequest(parts, id),
      }),
      log: parts.log,
    });
    return api.address;
  };
  const clientAt = (address: string): OperatorClient => {
    const client = operatorClient({
      address,
      as: { name: 'alice', site: SITE, key: KEYS.alice },
      clock: systemClock,
    });
    clients.push(client);
    return client;
  };

  it('the operator API works over loopback and says which port it got', async () => {
    const address = await start('127.0.0.1:0');
    expect(address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    const client = clientAt(address);
    const { request } = await client.call('prepareRequest', DRAFT);
    const token = await requestTokenOf('alice', request, { nowMs: Date.now() });
    const view = await client.call('createRequest', { request, token });
    expect(view).toMatchObject({ state: 'pending', expectedHosts: 2 });
  });

  it('the operator API works over a unix socket that only its owner can open', async () => {
    const socket = join(folder, 'farcall.sock');
    await start(`unix:${socket}`);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect((await clientAt(`unix:${socket}`).call('listRequests', { limit: 1 })).requests).toEqual([]);
  });

  it('the operator API replaces the socket of a controller that died, and not of one that lives', async () => {
    const socket = join(folder, 'farcall.sock');
    const other = await listenOn(socket);
    expect(await codeOf(start(`unix:${socket}`))).toBe('CONFIG_INVALID');
    await leaveDead(other, socket);
    await start(`unix:${socket}`);
    expect((await clientAt(`unix:${socket}`).call('listRequests', { limit: 1 })).requests).toEqual([]);
  });

  it('the operator API does not listen on the network', async () => {
    expect(await codeOf(start('0.0.0.0:0'))).toBe('CONFIG_INVALID');
  });

  const raw = async (address: string, bytes: Uint8Array, token?: string): Promise<ServiceError> => {
    const client = new Client(address, credentials.createInsecure());
    clients.push(client);
    const metadata = new Metadata();
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
    const asIs = (value: Buffer): Buffer => value;
    return new Promise((resolve, reject) => {
      const path = '/farcall.v1.Operator/CreateRequest';
      client.makeUnaryRequest(path, asIs, asIs, Buffer.from(bytes), metadata, error =>
        error ? resolve(error) : reject(new Error('it was accepted')),
      );
    });
  };
  const tokenOfAlice = (request: Uint8Array): Promise<string> => {
    const iat = Math.floor(Date.now() / 1000);
    const purpose = { method: '/farcall.v1.Operator/CreateRequest', sha256: digestText(sha256(request)) };
    const claims = { iss: 'alice', iat, exp: iat + 60, jti: 'token-of-alice', ...purpose };
    return tokenOf('operator', claims, KEYS.alice);
  };

  it('the operator API decodes nothing before the caller is authenticated', async () => {
    const address = await start('127.0.0.1:0');
    const stray = Buffer.from('stray');
    const nobody = await raw(address, stray);
    expect([nobody.code, nobody.metadata.get('farcall-code')]).toEqual([
      status.UNAUTHENTICATED,
      ['UNAUTHENTICATED'],
    ]);
    const alice = await raw(address, stray, await tokenOfAlice(stray));
    expect([alice.code, alice.metadata.get('farcall-code')]).toEqual([
      status.INVALID_ARGUMENT,
      ['MESSAGE_INVALID'],
    ]);
  });

  it('the operator API refuses a request over the size limit unread', async () => {
    const address = await start('127.0.0.1:0');
    const error = await raw(address, Buffer.alloc(400_000), await tokenOfAlice(Buffer.alloc(400_000)));
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(() => callDraftCodec.encode({ ...DRAFT, program: 'x'.repeat(70_000) })).toThrow(
      'at most 65536 bytes',
    );
  });

  it('the operator API refuses an address whose tokens are not valid before it verifies another, and says when to try again', async () => {
    let verified = 0;
    const authenticate = authenticator(parts);
    api = await startApi({
      ...{ listen: '127.0.0.1:0', tls: undefined, redeem: undefined, log: parts.log },
      authenticate(...call) {
        verified += 1;
        return authenticate(...call);
      },
      handlers: {} as OperatorHandlers,
      limits: callerLimits({ nowMs: () => 0 }, parts.counters),
    });
    const answers = new Map<number, number>();
    for (let call = 0; call < 65; call++) {
      const error = await raw(api.address, Buffer.from('stray'), 'a.b.c');
      answers.set(error.code, (answers.get(error.code) ?? 0) + 1);
      if (call === 64) expect(error.metadata.get('farcall-retry-after-ms')).toEqual(['1000']);
    }
    expect(answers).toEqual(
      new Map([
        [status.UNAUTHENTICATED, 60],
        [status.RESOURCE_EXHAUSTED, 5],
      ]),
    );
    expect(verified).toBe(60);
    expect(parts.counters.all()['limited.address']).toBe(5);
  });

  it('the operator API does not reveal internal errors', async () => {
    const hosts = { ...parts.hosts, all: () => Promise.reject(new TypeError('secret of the inside')) };
    parts = { ...parts, hosts };
    const address = await start('127.0.0.1:0');
    await expect(clientAt(address).call('prepareRequest', DRAFT)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'an internal error in the controller; see its log',
    });
  });

  it('the operator API is UNREACHABLE to a client if nothing listens', async () => {
    const address = await start('127.0.0.1:0');
    await api?.close();
    expect(await codeOf(clientAt(address).call('listRequests', { limit: 1 }))).toBe('UNREACHABLE');
  });
});

function listenOn(path: string): Promise<SocketServer> {
  return new Promise(resolve => {
    const server = createServer(socket => socket.destroy()).listen(path, () => resolve(server));
  });
}

/** Leaves a socket file behind on which nobody listens, as a killed process does. */
async function leaveDead(server: SocketServer, path: string): Promise<void> {
  const aside = `${path}.aside`;
  renameSync(path, aside);
  await new Promise(resolve => server.close(resolve));
  renameSync(aside, path);
}
