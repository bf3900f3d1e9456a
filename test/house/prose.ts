import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Widest line of a comment, in columns. */
const COMMENT_COLUMNS = 110;

/** A breach of a rule of plain English. */
export interface Breach {
  /** Relative to the top of the repository. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
}

/** Words that are not used, and why. They are looked for in whole files: code, comments, texts and pages. */
const WORDS: readonly (readonly [rule: string, pattern: RegExp])[] = [
  ['"anew": say "again"', /\banew\b/i],
  ['"for ever": say "forever" or "indefinitely"', /\bfor ever\b/i],
  ['"whoever": say "anyone who", or name the actor', /\bwhom?(so)?ever\b/i],
  ['"he": say "they", or name the actor', /\b(he|his|him|himself)\b/i],
  ['two full stops', /[A-Za-z)]\.\.(?=[\s'"`|]|$)/],
];

/** What a docstring must not be: it repeats a name and says nothing about it. */
const EMPTY_DOCSTRING = /\bWhat \{@link [^}]*\} (needs|takes)\b/;

/** Source files below `folder`, relative to the top; what is installed, built or test data is left out. */
export function filesBelow(folder: string, endings: RegExp): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    if (/^(node_modules|dist|vectors|pictures|\.git|\.cache)$/.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(path, endings));
    else if (endings.test(entry.name)) found.push(path);
  }
  return found;
}

/** The breaches in `file`, which is relative to the top of the repository. */
export function breachesIn(file: string): Breach[] {
  return breachesOf(file, readFileSync(join(ROOT, file), 'utf8'));
}

/** The breaches in `text`, the content of `file`. Only the name of the file is looked at, for its kind. */
export function breachesOf(file: string, text: string): Breach[] {
  const lines = file.endsWith('.md') ? withoutCode(text) : text.split('\n');
  return lines.flatMap((line, index) =>
    rulesBroken(file, line).map(rule => ({ file, line: index + 1, rule })),
  );
}

function rulesBroken(file: string, line: string): string[] {
  const rules = WORDS.filter(([, pattern]) => pattern.test(line)).map(([rule]) => rule);
  if (EMPTY_DOCSTRING.test(line)) rules.push('a docstring that only repeats a name');
  if (!file.endsWith('.md') && isWideComment(line)) rules.push(`a comment over ${COMMENT_COLUMNS} columns`);
  return rules;
}

/** Lines that cannot be broken are let pass: those with an address, and those that steer a tool. */
function isWideComment(line: string): boolean {
  if (line.length <= COMMENT_COLUMNS || /https?:\/\/|biome-ignore|@ts-/.test(line)) return false;
  return /^\s*(\/\*\*?|\*|\/\/)\s/.test(line);
}

/** The lines of a page, with code blocks and inline code left empty, so that numbers of lines stay. */
function withoutCode(markdown: string): string[] {
  let isFenced = false;
  return markdown.split('\n').map(line => {
    const isFence = line.startsWith('```');
    if (isFence) isFenced = !isFenced;
    return isFenced || isFence || /^ {4}/.test(line) ? '' : line.replace(/`[^`]*`/g, '');
  });
}

/** Relative links of a page that lead nowhere: to no file, or to no heading of it. */
export function brokenLinksIn(file: string): string[] {
  const page = withoutCode(readFileSync(join(ROOT, file), 'utf8')).join('\n');
  const links = [...page.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter(target => !/^[a-z]+:/.test(target) && !leadsSomewhere(file, target));
}

function leadsSomewhere(file: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? file : relative(ROOT, join(ROOT, file, '..', path));
  try {
    const page = readFileSync(join(ROOT, target), 'utf8');
    return anchor === undefined || headingsOf(page).includes(anchor);
  } catch {
    return false;
  }
}

/** The anchors of a page's headings, as GitHub makes them. */
function headingsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^a-z0-9 _-]/g, '')
      .replaceAll(' ', '-'),
  );
}
