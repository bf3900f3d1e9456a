import { expect, it } from 'vitest';
import {
  definitionsOf,
  definitionsText,
  messageDefinitions,
  parsedDefinitions,
} from '../../../shared/messages/wire/definitions.ts';

const FOLDER = new URL('../../../proto/farcall/v1/', import.meta.url);

it('the definitions of messages that a release reads are those of the .proto files', () => {
  const parsed = parsedDefinitions(FOLDER);
  const read = definitionsOf(definitionsText(FOLDER));
  expect(read.toJSON()).toEqual(parsed.toJSON());
  // A checkout has no such file, and reads the .proto files.
  expect(messageDefinitions(FOLDER).toJSON()).toEqual(parsed.toJSON());
});

it('a message has the same bytes by both, with absent, repeated and packed members', () => {
  const value = { limit: 5, states: ['pending', 'finished'] };
  const both = [parsedDefinitions(FOLDER), definitionsOf(definitionsText(FOLDER))];
  const [one, other] = both.map(root => root.lookupType('farcall.v1.RequestsQuery').encode(value).finish());
  expect(Buffer.from(one!).equals(Buffer.from(other!))).toBe(true);
  const numbers = both.map(root =>
    root
      .lookupType('farcall.v1.ReportFilter')
      .encode({ waves: [1, 2] })
      .finish(),
  );
  expect(Buffer.from(numbers[0]!).equals(Buffer.from(numbers[1]!))).toBe(true);
});
