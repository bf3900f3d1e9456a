import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { agentConfigSchema as agentSchema } from '../../agent/config/agent-config.ts';
import { policySchema } from '../../agent/policy/host-policy.ts';
import { controllerConfigSchema as controllerSchema } from '../../controller/config/config.ts';
import { code, page, table } from './markdown.ts';

const ROOT = join(import.meta.dirname, '../..');

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The doc comments of members, for one block of a source file. */
interface Comments {
  readonly file: string;
  readonly byMember: ReadonlyMap<string, string>;
}

/** The configuration files, and where their members are described. */
const FILES = [
  {
    title: 'controller.json',
    intro: '`farcall-controller init` writes it. Relative paths start at the folder that contains it.',
    schema: controllerSchema,
    sources: [...sourcesIn('controller/config'), 'shared/listen/listen-address.ts'],
  },
  {
    title: 'agent.json',
    intro: '`farcall-agent enrol` writes it. Relative paths start at the folder that contains it.',
    schema: agentSchema,
    sources: [...sourcesIn('agent/config'), 'shared/listen/listen-address.ts'],
  },
  {
    title: 'policy.json',
    intro:
      'What the host allows, whatever was approved. `{}` means every default. `farcall-agent policy check FILE` prints what is in force.',
    schema: policySchema,
    sources: sourcesIn('agent/policy'),
  },
] as const;

/** A configuration file that a program reads. */
export type ConfigurationFile = (typeof FILES)[number]['title'];

/**
 * An example of the configuration `file`: every member with its meaning, each line a comment, so that it
 * changes nothing where it is installed.
 */
export function exampleOf(file: ConfigurationFile): string {
  const { schema, sources } = FILES.find(({ title }) => title === file)!;
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const rows = rowsOf(json, sources.flatMap(commentsIn), '');
  const plain = (text: string): string => text.replaceAll('`', '').replaceAll('*optional*', 'optional');
  return [
    `# Every member of ${file}, which is JSON and has no comments. No program reads this file.`,
    ...rows.map(([member = '', type = '', standard = '', meaning = '']) =>
      [
        '',
        `# ${plain(member)}: ${plain(type)}${standard === '' ? '' : `; default ${plain(standard)}`}`,
        ...(meaning === '' ? [] : [`#   ${plain(meaning)}`]),
      ].join('\n'),
    ),
    '',
  ].join('\n');
}

/** docs/reference/configuration.md. */
export function configurationPage(): string {
  const parts = FILES.flatMap(({ title, intro, schema, sources }) => {
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
    const comments = sources.flatMap(commentsIn);
    return [
      `## ${title}`,
      intro,
      table(['member', 'type', 'default', 'meaning'], rowsOf(json, comments, '')),
    ];
  });
  return page('Configuration', [
    'A member that is not listed is an error. A member is required unless it has a default or is marked *optional*. Times are in\nmilliseconds. For the configuration of operators (`~/.config/farcall/config.json`), see `farcall help contexts`.',
    ...parts,
  ]);
}

function rowsOf(schema: JsonSchema, all: readonly Comments[], prefix: string): string[][] {
  const members = Object.entries(schema.properties ?? {});
  const comments = aboutMembers(
    all,
    members.map(([name]) => name),
  );
  return members.flatMap(([name, member]) => {
    const inner = member.items?.properties ? member.items : member;
    const path = `${prefix}${name}${inner === member ? '' : '[]'}`;
    const isOptional = !schema.required?.includes(name) && member.default === undefined;
    const type = `${typeOf(member)}${isOptional ? ', *optional*' : ''}`;
    const standard = member.default === undefined ? '' : code(JSON.stringify(member.default));
    const row = [code(path), type, standard, comments.get(name) ?? ''];
    return [row, ...rowsOf(inner, all, `${path}.`)];
  });
}

/**
 * The doc comments of these members: from the block that describes most of them, and for the others from the
 * rest of its file.
 */
function aboutMembers(all: readonly Comments[], names: readonly string[]): ReadonlyMap<string, string> {
  const score = ({ byMember }: Comments): number => {
    const known = names.filter(name => byMember.has(name)).length;
    return known * known * (known / byMember.size);
  };
  const [best] = [...all].sort((a, b) => score(b) - score(a));
  const ofFile = all.filter(({ file }) => file === best?.file).sort((a, b) => score(a) - score(b));
  return new Map(ofFile.filter(each => score(each) > 0).flatMap(({ byMember }) => [...byMember]));
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map(each => code(String(each))).join(', ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  if (schema.properties) return 'object';
  if (schema.additionalProperties) return 'object of names and texts';
  const { minimum, maximum } = schema;
  const range = minimum !== undefined && maximum !== undefined ? `, ${minimum} to ${maximum}` : '';
  return `${schema.type === 'string' ? 'text' : (schema.type ?? 'any')}${range}`;
}

function sourcesIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder)).filter(name => name.endsWith('.ts') && name !== 'index.ts');
  return files.map(name => `${folder}/${name}`);
}

/**
 * Doc comments of members, by block: objects inside another one are told apart by how far they are indented.
 */
function commentsIn(file: string): Comments[] {
  const blocks: { file: string; byMember: Map<string, string> }[] = [];
  const open = new Map<number, Map<string, string>>();
  let comment: string | undefined;
  const source = readFileSync(join(ROOT, file), 'utf8');
  for (const [, indent = '', doc, name] of source.matchAll(
    /^( *)(?:\/\*\*([\s\S]*?)\*\/|([a-zA-Z]\w*)(?=[:,(]| z\b)|\S)/gm,
  )) {
    const depth = indent.length;
    for (const level of [...open.keys()]) if (level > depth) open.delete(level);
    if (doc !== undefined) comment = textOf(doc);
    else if (name !== undefined && comment !== undefined && depth > 0) {
      const block = open.get(depth) ?? new Map<string, string>();
      if (!open.has(depth)) blocks.push({ file, byMember: block });
      open.set(depth, block.set(name, comment));
    }
    if (doc === undefined) comment = undefined;
  }
  return blocks;
}

function textOf(doc: string): string {
  const lines = doc.split('\n').map(line => line.replace(/^\s*\* ?/, '').trim());
  return lines
    .join(' ')
    .trim()
    .replace(/ Threat: .*$/, '');
}
