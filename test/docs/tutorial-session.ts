import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** One command of a tutorial, and what it is said to print. */
export interface TutorialStep {
  /** Whose prompt it stands behind; empty for the plain one. */
  readonly person: string;
  readonly command: string;
  readonly expected: string;
  /** Exit code that it is said to end with. */
  readonly code: number;
}

/** The commands in the `console` blocks of a Markdown file, in order. */
export function stepsOf(markdown: string): TutorialStep[] {
  return [...markdown.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => {
    const parts = block.split(/^(?=[a-z]*\$ )/m);
    return parts.map(part => {
      const [, person = '', command = '', expected = ''] = /^([a-z]*)\$ (.*)\n([\s\S]*)$/.exec(part) ?? [];
      const code = Number(/# ends with (\d+)$/.exec(command)?.[1] ?? 0);
      return { person, command, expected, code };
    });
  });
}

const DIGEST = /sha256:[0-9a-f]{16,64}/;
/** Ids have a digit: `precondition` is a word. */
const ID = /\b(?=[a-z]*[0-9])[a-z0-9]{12}\b/;
const LOOSE: readonly (readonly [RegExp, string])[] = [
  [/…/, '[^\\n]*'],
  [/\[ *[0-9.]+ s\]/, '\\[ *[0-9.]+ s\\]'],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/, '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC'],
  [/\d+\.\d+\.\d+\+deb\d+-amd64/, '\\S+'],
  [/ {2,}/, ' +'],
];

/**
 * What the names in a tutorial are here: an id or digest is taken for whatever stands in its place when it is
 * first printed, and must be that from then on.
 */
export class Names {
  readonly #real = new Map<string, string>();

  /** `command` with the names of here. */
  inCommand(command: string): string {
    return command.replaceAll(new RegExp(`${DIGEST.source}|${ID.source}`, 'g'), name => {
      const known = [...this.#real].find(([written]) => written.startsWith(name));
      return known ? known[1].slice(0, name.length) : name;
    });
  }

  /** Whether `printed` is what `expected` shows; if so, its new names are known from here on. */
  agree(expected: string, printed: string): boolean {
    const fresh: string[] = [];
    const lines = expected.split('\n').slice(0, -1);
    const pattern = lines.map(line => this.#lineToPattern(line, fresh)).join('');
    const found = new RegExp(`^${pattern}$`).exec(printed);
    fresh.forEach((name, index) => {
      if (found) this.#real.set(name, found[index + 1] ?? '');
    });
    return found !== null;
  }

  #lineToPattern(line: string, fresh: string[]): string {
    if (line === '…') return '(?:[^\\n]*\\n)*?';
    const parts = [DIGEST, ID, ...LOOSE.map(([sign]) => sign)].map(({ source }) => `(?:${source})`);
    const pieces = line.split(new RegExp(`(${parts.join('|')})`));
    const pattern = pieces.map((piece, index) =>
      index % 2 === 0 ? escaped(piece) : this.#loose(piece, fresh),
    );
    return `${pattern.join('')} *\\n`;
  }

  #loose(piece: string, fresh: string[]): string {
    const isName = new RegExp(`^(?:${DIGEST.source}|${ID.source})$`).test(piece);
    if (!isName) return LOOSE.find(([sign]) => sign.test(piece))?.[1] ?? escaped(piece);
    const known = this.#real.get(piece);
    if (known !== undefined) return escaped(known);
    const seen = fresh.indexOf(piece);
    if (seen >= 0) return `\\${seen + 1}`;
    fresh.push(piece);
    return piece.startsWith('sha256:') ? '(sha256:[0-9a-f]{64})' : '([a-z0-9]{12})';
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** What a command printed, and how it ended. */
export interface Printed {
  readonly text: string;
  readonly code: number | null;
}

/** Terminals of the people of a tutorial: what one of them changes in their shell stays. */
export class Terminals {
  readonly #folder: string;
  readonly #said = new Map<string, string[]>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Types `command`; standard output and standard error as they come. */
  async type(person: string, command: string): Promise<Printed> {
    const before = this.#said.get(person) ?? [];
    if (/^(cd|export) /.test(command)) this.#said.set(person, [...before, command]);
    const shell = spawn('bash', ['-c', [...before, command].join('\n')], {
      ...{ cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] },
    });
    let text = '';
    for (const stream of [shell.stdout!, shell.stderr!])
      stream.setEncoding('utf8').on('data', piece => {
        text += piece;
      });
    const [code] = await once(shell, 'close');
    return { text, code };
  }
}
