import { beforeEach, describe, expect, it } from 'vitest';
import { hostManagement } from '../../../controller/enrolment/index.ts';
import { HOSTS, KEYS } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  enrolAll,
  removeHost,
  signRemoval,
} from '../../kit/controller-kit.ts';
import { enrolmentOf, hostKeysBy } from '../../kit/enrolment-kit.ts';

describe('a machine in the place of a host', () => {
  let parts: ControllerParts;
  const { one } = HOSTS;
  const thief = { ...one, key: KEYS.mallory };
  const kidNow = async () => (await parts.hostKeys.find(one.name))?.kid;
  const enrolBy = async (person: 'bob' | 'carol') => {
    const made = await enrolmentOf(person, { host: one.name });
    await hostManagement(parts).create(made.submission, person);
    return made;
  };

  beforeEach(() => {
    parts = controllerParts();
  });

  it('one approver alone cannot put another machine in the place of a host', async () => {
    await enrolAll(parts);
    expect(await codeOf(enrolBy('bob'))).toBe('CONFLICT');
    await signRemoval(parts, 'bob', one.name);
    expect(await codeOf(enrolBy('bob'))).toBe('CONFLICT');
    expect(await codeOf(enrolBy('carol'))).toBe('CONFLICT');
    expect(await kidNow()).toBe(one.key.kid);
  });

  it('one approver alone cannot replace a host with a token from before the host was enrolled', async () => {
    const kept = await enrolBy('bob');
    const used = await enrolBy('carol');
    await parts.enrolments.redeem(await hostKeysBy(one, used.secret));
    expect(await codeOf(parts.enrolments.redeem(await hostKeysBy(thief, kept.secret)))).toBe('CONFLICT');
    expect(await kidNow()).toBe(one.key.kid);
  });

  it('a machine takes the place of a host that two approvers have removed', async () => {
    await enrolAll(parts);
    await removeHost(parts, one.name);
    const { secret } = await enrolBy('bob');
    await parts.enrolments.redeem(await hostKeysBy(thief, secret));
    expect(await kidNow()).toBe(KEYS.mallory.kid);
  });

  it('the signature of an approver makes one enrolment, and not a second one', async () => {
    const { submission, secret } = await enrolBy('bob');
    const again = () => hostManagement(parts).create(submission, 'bob');
    expect(await codeOf(again())).toBe('CONFLICT');
    await parts.enrolments.redeem(await hostKeysBy(one, secret));
    await removeHost(parts, one.name);
    expect(await codeOf(again())).toBe('CONFLICT');
  });
});
