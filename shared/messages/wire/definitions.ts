import { existsSync, readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

/** Where a release has all definitions in one file; a checkout does not have it. */
const WHOLE = 'all.json';

const PROTO_FILES = [
  'request',
  'order',
  'result',
  'host',
  'trust',
  'operator',
  'report',
  'enrolment',
  'plan',
  'kernels',
  'locks',
  'signing',
  'status',
  'console',
] as const;

/** Where the messages are in a definition. */
const PACKAGE = 'farcall.v1';

/**
 * Finds a message by its name within `farcall.v1`, by the definitions in `folder`. Throws if there is none.
 *
 * A release has them as JSON. From that, only what a message needs is made: all of them take 26 to 33 ms of a
 * processor, and a shell starts `farcall` for each TAB.
 */
export function messageTypes(folder: URL): (name: string) => protobuf.Type {
  const whole = new URL(WHOLE, folder);
  if (existsSync(whole)) return typesOf(readFileSync(whole, 'utf8'));
  const root = parsedDefinitions(folder);
  return name => root.lookupType(`${PACKAGE}.${name}`);
}

/** The definitions in the .proto files of `folder`. */
export function parsedDefinitions(folder: URL): protobuf.Root {
  const root = new protobuf.Root();
  for (const file of PROTO_FILES)
    protobuf.parse(readFileSync(new URL(`${file}.proto`, folder), 'utf8'), root);
  root.resolveAll();
  return root;
}

/** The same as text, for {@link typesOf}. */
export function definitionsText(folder: URL): string {
  return JSON.stringify(parsedDefinitions(folder).lookup(PACKAGE)?.toJSON());
}

type Definitions = Readonly<Record<string, protobuf.IType>>;

/** Makes messages of a text of {@link definitionsText}, each when it is asked for. */
export function typesOf(text: string): (name: string) => protobuf.Type {
  const { nested: all } = JSON.parse(text) as { readonly nested: Definitions };
  const made = new Map<string, protobuf.Type>();
  return name => {
    const found = made.get(name);
    if (found) return found;
    const needed: Record<string, protobuf.IType> = {};
    addNeeded(name, all, needed);
    const root = protobuf.Root.fromJSON({ nested: { farcall: { nested: { v1: { nested: needed } } } } });
    root.resolveAll();
    for (const each of Object.keys(needed)) {
      const type = root.lookup(`${PACKAGE}.${each}`);
      if (type instanceof protobuf.Type && !made.has(each)) made.set(each, type);
    }
    return root.lookupType(`${PACKAGE}.${name}`);
  };
}

/**
 * Adds the definition of `name`, and those of all messages in its fields, to `needed`. No message is defined
 * within another.
 */
function addNeeded(name: string, all: Definitions, needed: Record<string, protobuf.IType>): void {
  const definition = all[name];
  if (!definition || Object.hasOwn(needed, name)) return;
  needed[name] = definition;
  for (const { type } of Object.values(definition.fields)) addNeeded(type, all, needed);
}
