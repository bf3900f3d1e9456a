import { expect, test } from 'vitest';
import { EXIT } from '../../../../../controller/cli/core/index.ts';
import { FarcallError } from '../../../../../shared/errors/index.ts';
import {
  answersAbout,
  type CannedAnswers,
  farcallAgainst,
  REQUEST,
  VIEWS,
} from '../../support/canned-answers.ts';

/** A controller whose streams end with errors, one after the other, before the request is over. */
function restarting(...errors: readonly FarcallError[]): CannedAnswers {
  const left = [...errors];
  return {
    ...answersAbout(VIEWS.done),
    getRequest: async () => VIEWS.running,
    async *watchRequest() {
      yield { request: left.length > 0 ? VIEWS.running : VIEWS.done };
      const error = left.shift();
      if (error) throw error;
    },
  };
}

const gone = new FarcallError('UNREACHABLE', 'the controller is shutting down');

test('a watch goes on after its controller restarts, and says so once each time', async () => {
  const { code, stdout, stderr } = await farcallAgainst(restarting(gone, gone), ['watch', REQUEST.id]);
  expect(code).toBe(EXIT.hostsFailed);
  expect(stdout).toContain('7k2m9x4qw8rt finished');
  const lost = 'farcall lost the controller: the controller is shutting down; trying again';
  const back = 'farcall watches the request again';
  expect(stderr.split('\n')).toEqual([lost, back, lost, back]);
});

test('a watch ends with an error that does not pass by itself', async () => {
  const refused = new FarcallError('FORBIDDEN', 'alice may not do this');
  const { code, stderr } = await farcallAgainst(restarting(refused), ['watch', REQUEST.id]);
  expect(code).toBe(EXIT.refused);
  expect(stderr).toContain('[FORBIDDEN]');
});
