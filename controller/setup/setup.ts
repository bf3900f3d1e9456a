import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { writePrivateFile } from '../../shared/files/index.ts';
import { readBundleFile } from '../../shared/trust/index.ts';
import { makeSite, SITE_FILES } from '../site/index.ts';
import {
  type Ask,
  checkAnswers,
  collectAnswers,
  type SetupAnswers,
  type SetupFlags,
  siteOfAnswers,
} from './answers.ts';
import { BUNDLE_FILE, checkMembers, type FirstBundle, firstBundle } from './first-bundle.ts';
import { writePeopleFiles } from './people-files.ts';
import { canStart, giveToAccount, publishFirst, startUnits } from './start-site.ts';

const ANSWERS_FILE = 'offline/setup.json';
const CONSOLE = { listen: '127.0.0.1:8440', origin: 'http://localhost:8440' } as const;

/** Inputs of {@link setUp}. */
export interface SetupOptions {
  readonly folder: string;
  /** The folder for which the units are written. */
  readonly standardFolder: string;
  readonly flags: SetupFlags;
  /** Undefined where nobody can be asked. */
  readonly ask: Ask | undefined;
  readonly clock: Clock;
  /** Is told each step, as a line. */
  readonly say: (line: string) => void;
}

/** What stands after a set-up. */
export interface SetUpSite {
  readonly answers: SetupAnswers;
  readonly first: FirstBundle;
  readonly people: readonly string[];
  /** Whether broker and controller run, under systemd. */
  readonly isStarted: boolean;
  readonly isPublished: boolean;
}

/**
 * Makes a site with its first trust bundle, and starts it under systemd. Called again over a site that it
 * made, it finishes what is missing, and changes nothing else. Throws CONFLICT over any other site, and if it
 * is told something else than before.
 */
export async function setUp(options: SetupOptions): Promise<SetUpSite> {
  const { clock, say } = options;
  const folder = resolve(options.folder);
  const before = earlierAnswers(folder);
  const answers = before
    ? sameAnswers(before, options.flags, folder)
    : await collectAnswers(options.flags, options.ask);
  if (!before) await newSite(folder, answers, clock.nowMs());
  say(
    before
      ? `${folder} is the site ${answers.name} already; what is missing is made now`
      : `made the site in ${folder}`,
  );
  const first = await firstBundle(folder, answers, clock.nowMs());
  say(
    first.isSigned
      ? `trust bundle 1 is signed by enough roots: site ${first.bundle.site}`
      : `trust bundle 1 waits for signatures of: ${first.missingRoots.join(', ')}`,
  );
  const people = writePeopleFiles(folder, answers, first.bundle.site);
  const isStarted = await canStart(folder, options.standardFolder);
  if (isStarted) {
    await giveToAccount(folder);
    await startUnits();
    say('farcall-broker and farcall-controller are enabled, and run');
  }
  const isPublished = isStarted && first.isSigned;
  if (isPublished) {
    const { signed } = readBundleFile(join(folder, BUNDLE_FILE));
    await publishFirst(folder, { address: addressOf(answers), signed, clock });
    say('the controller answers, and has the trust bundle');
  }
  return { answers, first, people, isStarted, isPublished };
}

/** Where the controller is reached, as its certificate says. */
export function addressOf({ hosts: [host = ''], apiPort }: SetupAnswers): string {
  return host.includes(':') ? `[${host}]:${apiPort}` : `${host}:${apiPort}`;
}

async function newSite(folder: string, answers: SetupAnswers, nowMs: number): Promise<void> {
  checkMembers(answers, nowMs);
  await makeSite(folder, siteOfAnswers(answers), nowMs);
  const path = join(folder, SITE_FILES.config);
  const config = { ...JSON.parse(readFileSync(path, 'utf8')), console: CONSOLE };
  writePrivateFile(path, `${JSON.stringify(config, null, 2)}\n`);
  mkdirSync(join(folder, 'offline'), { recursive: true, mode: 0o700 });
  // Last: from now on, a second call finishes this one.
  writePrivateFile(join(folder, ANSWERS_FILE), `${JSON.stringify(answers, null, 2)}\n`);
}

/**
 * What an earlier call was told; undefined if there is no site. Throws CONFLICT over a site that setup did
 * not make, or whose `offline/` was taken away.
 */
function earlierAnswers(folder: string): SetupAnswers | undefined {
  const path = join(folder, ANSWERS_FILE);
  if (existsSync(path)) return checkAnswers(JSON.parse(readFileSync(path, 'utf8')));
  if (!existsSync(folder) || readdirSync(folder).length === 0) return undefined;
  throw new FarcallError(
    'CONFLICT',
    `${folder} has a site already, and it stays as it is: farcall-controller doctor looks at it. For another site give --folder`,
  );
}

function sameAnswers(before: SetupAnswers, flags: SetupFlags, folder: string): SetupAnswers {
  const said: Partial<SetupAnswers> = {
    ...(flags.name !== undefined && { name: flags.name }),
    ...(flags.host !== undefined && { hosts: [...flags.host] }),
    ...(flags.root !== undefined && { roots: [...flags.root] }),
    ...(flags.requester !== undefined && { requesters: [...flags.requester] }),
    ...(flags.approver !== undefined && { approvers: [...flags.approver] }),
  };
  for (const [member, value] of Object.entries(said))
    if (!isDeepStrictEqual(value, before[member as keyof SetupAnswers]))
      throw new FarcallError(
        'CONFLICT',
        `${folder} is a site with other ${member} than these: ${JSON.stringify(before[member as keyof SetupAnswers])}. ` +
          'A site that stands is changed by farcall trust add and farcall-controller renew',
      );
  return before;
}
