import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { post } from '../../../controller/notify/post.ts';
import { startReceiver, type WebhookReceiver } from '../../kit/receivers/webhook-receiver.ts';

/** A certificate for 127.0.0.1, signed by itself. */
function selfSigned(): { readonly key: string; readonly cert: string } {
  const subject = ['-subj', '/CN=receiver', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', '-', '-days', '2', ...subject],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const block = (what: string): string =>
    new RegExp(`-----BEGIN ${what}-----[\\s\\S]*?-----END ${what}-----`).exec(made)?.[0] ?? '';
  return { key: block('PRIVATE KEY'), cert: block('CERTIFICATE') };
}

describe('posting an event', () => {
  let receiver: WebhookReceiver;
  afterEach(() => receiver.die());

  const to = (url: string, ca?: string) => ({
    ...{ url, ca, headers: { 'webhook-id': '1-a' }, body: '{"text":"grüezi"}', timeoutMs: 20_000 },
    signal: new AbortController().signal,
  });

  it('posting an event over TLS reaches a receiver with a trusted certificate, and no other', async () => {
    const own = selfSigned();
    receiver = await startReceiver(own);
    await post(to(receiver.url, own.cert));
    expect(receiver.taken.map(({ body }) => body)).toEqual(['{"text":"grüezi"}']);
    for (const ca of [undefined, selfSigned().cert])
      await expect(post(to(receiver.url, ca))).rejects.toMatchObject({
        code: 'UNREACHABLE',
        message: expect.stringMatching(/CERT|SIGNATURE|SELF_SIGNED/),
      });
    expect(receiver.tries()).toBe(1);
  });

  it('posting an event ends with the headers of the answer, however long its body goes on', async () => {
    receiver = await startReceiver();
    receiver.behave('flood');
    await post(to(receiver.url));
    expect(receiver.tries()).toBe(1);
  });

  it('posting an event gives up on a receiver that does not answer, and when it is aborted', async () => {
    receiver = await startReceiver();
    receiver.behave('hang');
    await expect(post({ ...to(receiver.url), timeoutMs: 100 })).rejects.toMatchObject({
      message: 'no answer within 0.1 s',
    });
    const stop = new AbortController();
    const posting = post({ ...to(receiver.url), signal: stop.signal });
    stop.abort();
    await expect(posting).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it.each([
    ['fail', 'the answer was 503'],
    ['redirect', 'the answer was 307'],
  ] as const)('fails where the answer is to %s', async (way, message) => {
    receiver = await startReceiver();
    receiver.behave(way);
    await expect(post(to(receiver.url))).rejects.toMatchObject({ code: 'UNREACHABLE', message });
    expect(receiver.tries()).toBe(1);
  });
});
