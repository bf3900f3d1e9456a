import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventParser } from '../../../../controller/console/web/api/event-parser.ts';

const STREAM =
  ': hello\n\nevent: progress\ndata: {"asked":3}\n\ndata: one\ndata: two\r\n\r\nevent: bye\ndata: {}\n\n';
const EVENTS = [
  { event: 'progress', data: '{"asked":3}' },
  { event: 'message', data: 'one\ntwo' },
  { event: 'bye', data: '{}' },
];

test('a stream is the same events wherever the network cuts it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 12 }), cuts => {
      const parser = new EventParser();
      const places = [0, ...cuts.toSorted((one, other) => one - other), STREAM.length];
      const found = places.slice(1).flatMap((end, index) => parser.push(STREAM.slice(places[index], end)));
      expect(found).toEqual(EVENTS);
    }),
  );
});

test('any text is events or nothing', () => {
  fc.assert(fc.property(fc.string(), text => void new EventParser().push(`${text}\n\n`)));
});
