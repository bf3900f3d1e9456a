import { expect, test } from 'vitest';
import { EXIT } from '../../../../controller/cli/core/index.ts';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { testTerminal } from '../../../kit/terminal-kit.ts';
import { type CannedAnswers, farcallAgainst } from '../support/canned-answers.ts';

/** A controller that answers every list with this error. */
const failing = (code: 'UNREACHABLE' | 'STORE_FULL', message: string): CannedAnswers => ({
  listRequests: () => Promise.reject(new FarcallError(code, message)),
});

test('what is unreachable behind a controller that answers is not looked for at its address', async () => {
  const answers = failing('UNREACHABLE', 'the broker is away');
  const { code, stderr } = await farcallAgainst(answers, ['requests']);
  expect(code).toBe(EXIT.unreachable);
  expect(stderr).toContain('the controller itself answers: something behind it does not');
  expect(stderr).not.toMatch(/firewall|context show/);
});

test('a full disk of the controller is named as such', async () => {
  const { stderr } = await farcallAgainst(failing('STORE_FULL', 'nothing can be written'), ['requests']);
  expect(stderr).toContain('the disk of the controller or of its database is full');
});

test('farcall host remove asks before it signs, and a no sends nothing', async () => {
  let sent = 0;
  const view = { host: 'web-1', kid: 'k', labels: {}, signatures: [], needed: 2, others: ['carol'] };
  const answers: CannedAnswers = {
    getHostRemoval: async () => view,
    async removeHost() {
      sent += 1;
      return view;
    },
  };
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return 'n';
  };
  const terminal = testTerminal({ canAsk: true, ask });
  const { code } = await farcallAgainst(
    answers,
    ['host', 'remove', 'web-1', '--reason', 'scrapped'],
    terminal,
  );
  expect({ code, sent, asked: questions.length }).toEqual({ code: EXIT.declined, sent: 0, asked: 1 });
});
