// The process in which the library of a token runs. It is forked by token.ts, answers its calls one by one,
// and ends with it. The PIN comes over the channel, so that it is on no command line and in no environment.

import { toFarcallError } from '../errors/index.ts';
import { type OpenedToken, openToken } from './opened-token.ts';
import type { TokenAnswer, TokenCall } from './token-messages.ts';

let token: OpenedToken | undefined;

function answerTo(call: TokenCall): TokenAnswer {
  let isLogin = false;
  try {
    token ??= openToken(call.key, call.want === 'new-key');
    if (call.want === 'point') return { bytes: token.point() };
    if (token.needsPin) {
      if (call.pin === undefined) return { pinNeeded: true };
      isLogin = true;
      token.login(call.pin);
      isLogin = false;
    }
    if (call.want === 'new-key') return { bytes: token.generate() };
    return { bytes: token.sign(call.mechanism, call.data) };
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    return { failed: { code, message, isPinRefused: isLogin && code === 'KEY_REFUSED' } };
  }
}

process.on('message', (call: TokenCall) => {
  const answer = answerTo(call);
  process.send?.(answer, () => 'failed' in answer && process.exit());
});
process.on('disconnect', () => process.exit());
// systemd and Ctrl-C signal a whole group. What farcall still signs while it ends needs this process.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
