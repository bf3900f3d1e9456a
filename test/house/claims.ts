/** A claim of THREATS.md: one item of its lists, over as many lines as it takes. */
export interface Claim {
  readonly text: string;
  readonly tests: readonly NamedTest[];
}

/** A test as THREATS.md names it: its file, and its title as the file writes it. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** `file › name`, with single spaces. Undefined if `text` names no test. */
export function namedTest(text: string): NamedTest | undefined {
  const [, file, name] = /^(test\/\S+\.test\.ts) › ([^`]+)$/.exec(text) ?? [];
  return file === undefined || name === undefined ? undefined : { file, name: name.replace(/\s+/g, ' ') };
}

/** The claims in `markdown`, in its order. */
export function claimsIn(markdown: string): Claim[] {
  const items = markdown.split(/\n(?=- |\n)/).filter(item => item.startsWith('- '));
  return items.map(text => ({
    text,
    tests: [...text.matchAll(/`([^`]+)`/g)].flatMap(([, quoted = '']) => namedTest(quoted) ?? []),
  }));
}
