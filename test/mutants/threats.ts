import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NamedTest } from '../house/claims.ts';
import { names, readClaims, readTies, type Tie } from './ties.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPY = join(ROOT, '.cache', 'without-check');

/** What the copy shares with the tree, because nothing changes it. */
const LINKED = ['node_modules', 'dist'];
const COPIED = ['agent', 'controller', 'shared', 'library', 'test', 'tools', 'deploy', 'proto', 'docs'];
const COPIED_FILES = ['package.json', 'tsconfig.json', 'THREATS.md'];

type End = 'fails' | 'passes' | 'does not run';

/**
 * Takes each check of threats.json out of a copy of the tree and runs the test that THREATS.md names for it:
 * it must pass before, and fail then. With `texts`, only checks whose file or test contains one of them. True
 * if all did.
 */
export function takeChecksOut(texts: readonly string[]): boolean {
  const { ties, untied } = readTies();
  const wanted = ties.filter(
    ({ file, test }) =>
      texts.length === 0 || texts.some(text => `${file} ${test.file} ${test.name}`.includes(text)),
  );
  copyTree();
  const wrong = wanted.map(wrongWith).filter(each => each !== undefined);
  rmSync(COPY, { recursive: true });
  showClaims(ties, untied);
  console.log(`${wanted.length - wrong.length} of ${wanted.length} checks: without it, its test fails`);
  return wrong.length === 0;
}

function copyTree(): void {
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(COPY, { recursive: true });
  for (const name of [...COPIED, ...COPIED_FILES])
    cpSync(join(ROOT, name), join(COPY, name), { recursive: true });
  for (const name of LINKED) symlinkSync(join(ROOT, name), join(COPY, name));
}

/** How tests end with all checks in place. */
const before = new Map<string, End>();

/** Says how it went; what is wrong with the tie, if anything. */
function wrongWith(tie: Tie): string | undefined {
  const key = `${tie.test.file} ${tie.test.name}`;
  const intact = before.get(key) ?? endOf(tie.test);
  before.set(key, intact);
  const path = join(COPY, tie.file);
  const source = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    source.replace(tie.check, () => tie.without),
  );
  const after = intact === 'passes' ? endOf(tie.test) : intact;
  writeFileSync(path, source);
  const wrong =
    intact === 'passes' && after === 'fails' ? undefined : `with the check it ${intact}, without: ${after}`;
  console.log(`${wrong ?? 'ok'}: ${tie.test.file} › ${tie.test.name}\n    ${tie.file}`);
  return wrong;
}

/** Runs one test in the copy. A title of `each` stands for all its rows: one that fails is enough. */
function endOf({ file, name }: NamedTest): End {
  const results = join(COPY, 'results.json');
  rmSync(results, { force: true });
  const title = name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replace(/%[a-z]|\\\$\w+/g, '.*');
  const project = /^test\/(flow|faults|fleet)\//.test(file) ? 'flow' : 'unit';
  const args = ['run', '--config', 'test/vitest.config.ts', '--project', project, file, '-t', title];
  const report = ['--reporter=json', '--outputFile', results];
  spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', ...args, ...report], {
    cwd: COPY,
    stdio: 'ignore',
  });
  if (!existsSync(results)) return 'does not run';
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(results, 'utf8')) as {
    readonly numPassedTests: number;
    readonly numFailedTests: number;
  };
  if (numFailedTests > 0) return 'fails';
  return numPassedTests > 0 ? 'passes' : 'does not run';
}

function showClaims(
  ties: readonly Tie[],
  untied: readonly { readonly tests: readonly NamedTest[]; readonly why: string }[],
): void {
  const claims = readClaims();
  const tied = ties.map(({ test }) => test);
  const rest = claims.filter(claim => !names(claim, tied));
  console.log(
    `\n${claims.length - rest.length} of ${claims.length} claims of THREATS.md are tied to a check`,
  );
  for (const claim of rest) {
    const reason = untied.find(({ tests }) => names(claim, tests))?.why ?? 'no reason is given';
    console.log(`not tied: ${claim.text.split('\n')[0]}\n    ${reason}`);
  }
}
