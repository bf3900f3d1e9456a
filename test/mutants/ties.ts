import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Claim, claimsIn, type NamedTest, namedTest } from '../house/claims.ts';

const NAMED_TEST = z.string().transform((text, context): NamedTest => {
  const found = namedTest(text);
  if (!found) context.addIssue(`${text} is no test as THREATS.md names it`);
  return found ?? z.NEVER;
});

/** A check in the code, and the test of THREATS.md that fails without it. */
const TIE = z.strictObject({
  test: NAMED_TEST,
  file: z.string().min(1),
  /** The text of the check: it occurs once in the file. */
  check: z.string().min(1),
  /** The code without the check. */
  without: z.string(),
});

export type Tie = z.infer<typeof TIE>;

/** Claims of THREATS.md that are tied to no check, by a test that each names, and the reason. */
const UNTIED = z.strictObject({ why: z.string().min(20), tests: z.array(NAMED_TEST).min(1) });

const TIES = z.strictObject({ ties: z.array(TIE), untied: z.array(UNTIED) });

/** All of test/mutants/threats.json. */
export function readTies(): z.infer<typeof TIES> {
  return TIES.parse(JSON.parse(readFileSync(new URL('./threats.json', import.meta.url), 'utf8')));
}

/** The claims of THREATS.md. */
export function readClaims(): Claim[] {
  return claimsIn(readFileSync(new URL('../../THREATS.md', import.meta.url), 'utf8'));
}

/** Whether `claim` names one of `tests`. */
export function names(claim: Claim, tests: readonly NamedTest[]): boolean {
  return claim.tests.some(each => tests.some(test => isSame(each, test)));
}

export function isSame(one: NamedTest, other: NamedTest): boolean {
  return one.file === other.file && one.name === other.name;
}
