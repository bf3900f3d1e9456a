import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseSecrets, signatureHeaders } from '../../../controller/notify/sign-event.ts';
import { FarcallError } from '../../../shared/errors/index.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe('the signature of an event', () => {
  it('the signature of an event is that of the example which the libraries of Standard Webhooks are tested with', () => {
    const signed = {
      ...{ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampS: 1_614_265_330, body: '{"test": 2432232314}' },
    };
    expect(signatureHeaders(signed, parseSecrets(SECRET, 'here'))).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('the signature of an event is what openssl computes, with each of several secrets', () => {
    const secrets = [Buffer.alloc(24, 1), Buffer.alloc(64, 255)];
    const text = secrets.map(secret => `whsec_${secret.toString('base64')}\n`).join('');
    const signed = { id: '17-0011223344556677', timestampS: 1_790_000_000, body: '{"text":"grüezi"}' };
    const told = signatureHeaders(signed, parseSecrets(text, 'here'))['webhook-signature'];
    const computed = secrets.map(secret => {
      const options = ['-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${secret.toString('hex')}`, '-binary'];
      const input = '17-0011223344556677.1790000000.{"text":"grüezi"}';
      return `v1,${execFileSync('openssl', ['dgst', ...options], { input }).toString('base64')}`;
    });
    expect(told).toBe(computed.join(' '));
  });
});

test.each([
  ['nothing', ''],
  ['another prefix', 'secret_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  ['too few bytes', `whsec_${Buffer.alloc(23).toString('base64')}`],
  ['too many bytes', `whsec_${Buffer.alloc(65).toString('base64')}`],
  ['what is not base64', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa!!'],
  ['more secrets than two sides can be at', `${SECRET}\n`.repeat(5)],
])('a secret file with %s is refused without saying what is in it', (_, text) => {
  const read = () => parseSecrets(text, 'the secret file of webhook chat');
  expect(read).toThrow(/the secret file of webhook chat/);
  expect(read).not.toThrow(/MfKQ9r8/);
});

test('whatever is in a secret file gives secrets or a FarcallError', () => {
  const line = fc.oneof(
    fc.string(),
    fc.base64String().map(text => `whsec_${text}`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), lines => {
      try {
        for (const secret of parseSecrets(lines.join('\n'), 'x')) expect(secret.length).toBeGreaterThan(23);
      } catch (error) {
        expect(error).toBeInstanceOf(FarcallError);
      }
    }),
  );
});
