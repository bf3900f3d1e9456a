import { hostname } from 'node:os';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { fields } from '../../shared/messages/index.ts';
import { firstIssue } from '../../shared/schema/index.ts';
import { checkSite } from '../site/index.ts';

const member = z.string().regex(/^[a-z0-9][a-z0-9._@-]*(=.+)?$/i, 'NAME, or NAME=FILE with a public key');
const members = z.array(member).min(1, 'at least one').max(32);

const answersSchema = z.strictObject({
  /** Of the controller, in the trust bundle. */
  name: fields.principalName,
  /** Names and addresses of this machine; hosts and operators are told the first. */
  hosts: z.array(z.string()).min(1),
  /** NAME, whose key is made here, or NAME=FILE with a public key. */
  roots: members,
  requesters: members,
  approvers: members,
  listen: z.string(),
  apiPort: z.int(),
  brokerPort: z.int(),
});

/** What a new site is made of. */
export type SetupAnswers = z.infer<typeof answersSchema>;

/** What the command line said; a missing member is asked for, if there is somebody to ask. */
export interface SetupFlags {
  readonly name?: string;
  readonly host?: readonly string[];
  readonly root?: readonly string[];
  readonly requester?: readonly string[];
  readonly approver?: readonly string[];
  readonly listen: string;
  readonly apiPort: string;
  readonly brokerPort: string;
}

/** Asks a person one question. */
export type Ask = (question: string) => Promise<string>;

interface Question {
  readonly flag: 'host' | 'name' | 'root' | 'requester' | 'approver';
  readonly text: string;
  readonly preset?: () => string;
}

const QUESTIONS: readonly Question[] = [
  {
    flag: 'host',
    text: 'Under which name or IP address do hosts and operators reach this machine?',
    preset: hostname,
  },
  { flag: 'name', text: 'What is this controller called?', preset: () => 'ctl-1' },
  {
    flag: 'root',
    text:
      'Who are the roots, who decide together whom the hosts obey?\n' +
      '  Names with commas. NAME=FILE takes the public key that they made (farcall key new); for a NAME alone a key is made here.',
  },
  { flag: 'requester', text: 'Who may ask for calls? Names with commas, as above.' },
  { flag: 'approver', text: 'Who may approve them? Two must agree if you name two or more.' },
];

/**
 * The answers from the command line, and from a person where `ask` is given. Throws CONFIG_INVALID naming
 * what is missing or wrong.
 */
export async function collectAnswers(flags: SetupFlags, ask: Ask | undefined): Promise<SetupAnswers> {
  const said = new Map<string, readonly string[]>();
  for (const { flag, text, preset } of QUESTIONS) {
    const given = flags[flag];
    if (given !== undefined) said.set(flag, typeof given === 'string' ? [given] : given);
    else if (ask) said.set(flag, listOf(await answered(ask, text, preset?.())));
    else said.set(flag, []);
  }
  const missing = QUESTIONS.filter(({ flag }) => said.get(flag)?.length === 0).map(({ flag }) => `--${flag}`);
  if (missing.length > 0)
    throw new FarcallError(
      'CONFIG_INVALID',
      `setup: give ${missing.join(', ')}; without a terminal nobody is asked`,
    );
  const answers = {
    ...{ name: said.get('name')?.[0], hosts: said.get('host'), roots: said.get('root') },
    ...{ requesters: said.get('requester'), approvers: said.get('approver'), listen: flags.listen },
    ...{ apiPort: Number(flags.apiPort), brokerPort: Number(flags.brokerPort) },
  };
  return checkAnswers(answers);
}

/** Throws CONFIG_INVALID naming the answer that is wrong. */
export function checkAnswers(answers: unknown): SetupAnswers {
  const parsed = answersSchema.safeParse(answers);
  if (!parsed.success) throw new FarcallError('CONFIG_INVALID', firstIssue(parsed.error, 'setup'));
  siteOfAnswers(parsed.data);
  return parsed.data;
}

/** The description of the site. Throws CONFIG_INVALID for a name or port that cannot be one. */
export function siteOfAnswers({ name, hosts, listen, apiPort, brokerPort }: SetupAnswers) {
  return checkSite({ name, hosts, brokerHosts: hosts, listen, apiPort, brokerPort });
}

async function answered(ask: Ask, text: string, preset: string | undefined): Promise<string> {
  const answer = (await ask(`${text}${preset === undefined ? '' : ` [${preset}]`}\n> `)).trim();
  return answer || (preset ?? '');
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '');
}
