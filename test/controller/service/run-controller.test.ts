import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../controller/config/index.ts';
import { createLogger } from '../../../controller/log/index.ts';
import { runController } from '../../../controller/service/index.ts';
import { newStoreSecret } from '../../../controller/store/index.ts';
import { freePort } from '../../../deploy/demo/service.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { writeKeyFile } from '../../../shared/tokens/index.ts';
import { rootsFileText } from '../../../shared/trust/index.ts';
import { BUNDLE, KEYS } from '../../kit/cast.ts';
import { codeOf } from '../../kit/controller-kit.ts';

describe('a controller that starts', () => {
  let folder: string;
  let occupied: Server;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'farcall-start-'));
    writeKeyFile(join(folder, 'controller.key'), KEYS['ctl-1']);
    writeFileSync(join(folder, 'roots.json'), rootsFileText(BUNDLE));
    writeFileSync(join(folder, 'store.key'), newStoreSecret(), { mode: 0o600 });
    occupied = createServer();
    await new Promise<void>(resolve => occupied.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await new Promise(resolve => occupied.close(resolve));
    rmSync(folder, { recursive: true });
  });

  const portOf = (server: Server): number => (server.address() as { port: number }).port;

  /** Starts on `apiPort`, with metrics on `metricsPort`; there is no broker. */
  async function start(apiPort: number, metricsPort: number) {
    const config = {
      ...{ name: 'ctl-1', key: 'controller.key', rootsFile: 'roots.json', storeFile: 'farcall.db' },
      storeKeyFile: 'store.key',
      listen: `127.0.0.1:${apiPort}`,
      nats: { servers: [`nats://127.0.0.1:${await freePort()}`] },
      metrics: { listen: `127.0.0.1:${metricsPort}` },
    };
    const parsed = parseConfig(JSON.stringify(config), join(folder, 'controller.json'));
    return runController(parsed, createLogger('silent'), systemClock);
  }

  function isListening(port: number): Promise<boolean> {
    return new Promise(resolve => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  }

  it('a controller that starts closes what it has opened if the last of its servers cannot listen, and can be started again', async () => {
    const apiPort = await freePort();
    expect(await codeOf(start(apiPort, portOf(occupied)))).toBe('CONFIG_INVALID');
    expect(await isListening(apiPort)).toBe(false);
    const controller = await start(apiPort, await freePort());
    expect(await isListening(apiPort)).toBe(true);
    await controller.close();
    expect(await isListening(apiPort)).toBe(false);
  });
});
