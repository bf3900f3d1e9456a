import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, jwtAuthenticator } from 'nats';
import { hostOfSubject, inboxPrefix } from '../../shared/subjects/index.ts';
import { brokerTls } from '../../shared/tls/index.ts';

/** What a sender sends, and as whom. */
export interface SenderData {
  readonly url: string;
  readonly caFile: string;
  readonly login: { readonly jwt: string; readonly seed: Uint8Array };
  readonly messages: readonly { readonly subject: string; readonly bytes: Uint8Array }[];
  /**
   * Undefined: as fast as the broker takes them. Otherwise each awaits its reply, and the next comes after
   * this time. That takes a login that may hear all inboxes.
   */
  readonly pauseMs?: number;
}

/** How many messages a flood sends before it waits for the broker. */
const AT_ONCE = 16;

// A process of bench/hostile.ts: sends until it is ended, and tells how long each reply took.

const [given] = await once(process, 'message');
const { url, caFile, login, messages, pauseMs } = given as SenderData;
const connection = await connect({
  servers: url,
  authenticator: jwtAuthenticator(login.jwt, login.seed),
  tls: brokerTls([url], caFile) ?? null,
});
const replied = new Map<string, () => void>();
if (pauseMs !== undefined)
  connection.subscribe('farcall.inbox.>', { callback: (_, { subject }) => replied.get(subject)?.() });
await connection.flush();
process.send?.('ready');
for (let index = 0; ; index++) {
  const { subject, bytes } = messages[index % messages.length]!;
  if (pauseMs === undefined) {
    connection.publish(subject, bytes);
    // The controller has the broker end the connection of a host that floods.
    if (index % AT_ONCE === 0) await connection.flush().catch(() => process.exit());
    continue;
  }
  const startedAt = performance.now();
  const reply = `${inboxPrefix(hostOfSubject(subject))}.${index}`;
  connection.publish(subject, bytes, { reply });
  await new Promise<void>(resolve => replied.set(reply, resolve));
  replied.delete(reply);
  process.send?.(performance.now() - startedAt);
  await sleep(pauseMs);
}
