import { expect, test } from 'vitest';
import { farcallAgainst } from '../../support/canned-answers.ts';

const noHosts = { async *listHosts() {} };

test('farcall hosts says on stderr that no host matches', async () => {
  const { code, stderr } = await farcallAgainst(noHosts, ['hosts', 'env=lab']);
  expect([code, stderr]).toEqual([0, "No host matches 'env=lab'."]);
});

test.each(['env=', 'role=db,env=', '!(env=)'])(
  'farcall hosts %j explains a comparison without a value after an empty list',
  async selector => {
    const { stderr } = await farcallAgainst(noHosts, ['hosts', selector]);
    expect(stderr).toBe(
      `No host matches '${selector}'.\n'env=' matches hosts whose env is empty; 'env' matches every host that has it.`,
    );
  },
);
