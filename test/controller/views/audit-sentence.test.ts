import { expect, test } from 'vitest';
import { AUDIT_KINDS } from '../../../controller/store/index.ts';
import { AUDIT_SENTENCES, auditSentence } from '../../../controller/views/index.ts';
import { START_MS } from '../../kit/cast.ts';

const entry = (kind: string, detail: object, about: object = {}) => ({
  ...{ seq: 1, atMs: START_MS, kind, actor: 'carol', detail: JSON.stringify(detail) },
  ...{ hash: new Uint8Array(32), ...about },
});

test('every kind of entry of the audit log has a sentence', () => {
  expect(Object.keys(AUDIT_KINDS).filter(kind => !Object.hasOwn(AUDIT_SENTENCES, kind))).toEqual([]);
});

test.each([
  ['host-answered', { outcome: 'faulted' }, { host: 'web-1' }, 'web-1 answered: faulted'],
  ['rollout-promoted', { wave: 1, reason: 'well' }, {}, 'promoted by carol after wave 1: well'],
  ['lock-set', { what: 'host', name: 'web-1', reason: 'stolen' }, {}, 'carol locked the host web-1: stolen'],
  [
    'host-removed',
    { by: [{ signer: 'bob' }, { signer: 'carol' }] },
    { host: 'web-1' },
    'web-1 was removed by bob, carol',
  ],
  ['host-held', { why: 'exists-twice' }, { host: 'web-1' }, 'web-1 gets no orders: it exists twice'],
  ['plan-made', { plan: 'p1', hosts: 3, answered: 2 }, {}, 'carol made plan p1 for 3 hosts; 2 answered'],
])('an entry %s reads as a sentence', (kind, detail, about, sentence) => {
  expect(auditSentence(entry(kind, detail, about))).toBe(sentence);
});

test('an entry of a kind that is not known is shown by its name, and what it holds is made visible', () => {
  expect(auditSentence(entry('moon-landed', {}))).toBe('moon landed');
  const hostile = entry('lock-set', { what: 'host', name: 'a\u202eb', reason: 'x' });
  expect(auditSentence(hostile)).toContain('\\u{202e}');
});
