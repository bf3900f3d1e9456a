import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fields } from '../../../shared/messages/index.ts';
import {
  hostOfSubject,
  hostSubject,
  inboxPrefix,
  subjectToken,
  toHostSubject,
} from '../../../shared/subjects/index.ts';

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map(labels => labels.join('.'));

describe('the subjects of a host', () => {
  it('a name with dots is one token of each subject', () => {
    expect(hostSubject('web-1.example.org', 'hello')).toBe('farcall.host.web-1_example_org.hello');
    expect(toHostSubject('web-1.example.org', 'plan')).toBe('farcall.to.web-1_example_org.plan');
    expect(inboxPrefix('web-1')).toBe('farcall.inbox.web-1');
  });

  it('every name has a token of its own, from which it is read again', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(hostOfSubject(hostSubject(one, 'hello'))).toBe(one);
        expect(subjectToken(one).includes('.')).toBe(false);
        expect(subjectToken(one) === subjectToken(other)).toBe(one === other);
        expect(fields.hostName.safeParse(one).success).toBe(one.length <= 63);
      }),
    );
  });

  it.each(['*', '>', 'a_b', 'a.', '.a', 'a..b', 'A', '', 'a b', 'web-*'])(
    'the text %j is no host name, in a message and in a subject',
    text => {
      expect(fields.hostName.safeParse(text).success).toBe(false);
      expect(() => subjectToken(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    },
  );

  it.each([
    'farcall.host',
    'farcall.host..hello',
    'farcall.to.web-1.plan',
    'farcall.host.A.hello',
    'farcall.host.*.hello',
  ])('the subject %s is refused, since it is that of no host', subject => {
    expect(() => hostOfSubject(subject)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }));
  });
});
