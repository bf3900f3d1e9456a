import protobuf from 'protobufjs';
import { expect, it } from 'vitest';
import {
  definitionsText,
  messageTypes,
  parsedDefinitions,
  typesOf,
} from '../../../shared/messages/wire/definitions.ts';

const FOLDER = new URL('../../../proto/farcall/v1/', import.meta.url);
const parsed = parsedDefinitions(FOLDER).lookup('farcall.v1') as protobuf.Namespace;
/** The definitions have messages, and the services that have them as arguments. */
const names = parsed.nestedArray.filter(each => !(each instanceof protobuf.Service)).map(({ name }) => name);
const text = definitionsText(FOLDER);
const inCheckout = messageTypes(FOLDER);

it.each(names)('the definition of %s that a release reads is that of the .proto files, whole', name => {
  const type = typesOf(text)(name);
  expect(type.toJSON()).toEqual(parsed.lookupType(name).toJSON());
  // A checkout has no such file, and reads the .proto files.
  expect(inCheckout(name).toJSON()).toEqual(type.toJSON());
  // Whatever its fields need is there.
  for (const field of type.fieldsArray) field.resolve();
  expect(type.nestedArray.filter(each => each instanceof protobuf.Type)).toEqual([]);
});

it('a message has the same bytes by both, with absent, repeated and packed members', () => {
  const both = [inCheckout, typesOf(text)];
  const bytes = (name: string, value: object) =>
    both.map(typeOf => Buffer.from(typeOf(name).encode(value).finish()).toString('hex'));
  const [one, other] = bytes('RequestsQuery', { limit: 5, states: ['pending', 'finished'] });
  expect(one).toBe(other);
  const [packed, again] = bytes('ReportFilter', { waves: [1, 2] });
  expect(packed).toBe(again);
});

it('a message that no definition has is an error', () => {
  expect(() => typesOf(text)('NoSuchMessage')).toThrow('no such type');
});
