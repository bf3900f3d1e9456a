import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FarcallError } from '../../shared/errors/index.ts';
import { writePrivateFile } from '../../shared/files/index.ts';
import {
  newSigningKey,
  type PublicJwk,
  publicJwkSchema,
  readKeyFile,
  writeKeyFile,
} from '../../shared/tokens/index.ts';
import {
  bundleFileText,
  checkTrustBundle,
  countRootSignatures,
  encodeTrustBundle,
  type Roots,
  readBundleFile,
  rootsFileText,
  signBundle,
  siteOf,
  type TrustBundle,
} from '../../shared/trust/index.ts';
import { SITE_FILES } from '../site/index.ts';
import type { SetupAnswers } from './answers.ts';

/** The first trust bundle, below the folder of the site. */
export const BUNDLE_FILE = 'trust.json';
const ROOT_KEYS = 'offline/roots';
/** What each person takes away, in a folder of their name. */
export const PEOPLE_FOLDER = 'offline/people';

const LIFE_MS = 365 * 86_400_000;
/** With two approvers or more, two must agree; see THREATS.md for what one alone could do. */
const APPROVALS = 2;

/** The first bundle, and whether enough roots have signed it. */
export interface FirstBundle {
  readonly bundle: TrustBundle;
  readonly isSigned: boolean;
  readonly missingRoots: readonly string[];
}

/**
 * Makes the keys that nobody brought, the first bundle, the signatures of the roots whose keys are here, and
 * the file of roots. What exists already stays as it is, so that it can be called again.
 *
 * Threat: root on this machine, while a key is made here, has that key. So a key is made for nobody who
 * brought a public one, and all that are made lie in `offline/`, which no service can read and which is to be
 * taken away.
 */
export async function firstBundle(
  folder: string,
  answers: SetupAnswers,
  nowMs: number,
): Promise<FirstBundle> {
  const path = join(folder, BUNDLE_FILE);
  if (!existsSync(path)) writePrivateFile(path, bundleFileText(draft(answers, keysIn(folder), nowMs), []));
  const { bundle, signed } = readBundleFile(path);
  const signatures = [...signed.signatures];
  const content = { site: bundle.site, bytes: encodeTrustBundle(bundle), version: bundle.version };
  const before = await countRootSignatures({ ...content, signatures }, bundle.roots);
  for (const { name } of bundle.roots.members) {
    const keyFile = join(folder, ROOT_KEYS, `${name}.key`);
    if (before.signers.includes(name) || !existsSync(keyFile)) continue;
    signatures.push(await signBundle(content, { name, key: readKeyFile(keyFile), nowMs }));
  }
  writePrivateFile(path, bundleFileText(bundle, signatures));
  const rootsFile = join(folder, SITE_FILES.roots);
  if (!existsSync(rootsFile)) writePrivateFile(rootsFile, rootsFileText(bundle));
  const { signers, threshold } = await countRootSignatures({ ...content, signatures }, bundle.roots);
  const missingRoots = bundle.roots.members.map(({ name }) => name).filter(name => !signers.includes(name));
  return { bundle, isSigned: signers.length >= threshold, missingRoots };
}

/** The public key of a member who brought none, by role and name. */
type KeyFor = (role: 'root' | 'person' | 'controller', name: string) => PublicJwk;

/** The keys in the folder of the site; those of people that are missing are made. */
function keysIn(folder: string): KeyFor {
  return (role, name) => {
    if (role === 'controller')
      return publicJwkSchema.parse(
        JSON.parse(readFileSync(join(folder, SITE_FILES.controllerPublicKey), 'utf8')),
      );
    const keyFile = join(folder, role === 'root' ? ROOT_KEYS : join(PEOPLE_FOLDER, name), `${name}.key`);
    if (!existsSync(keyFile)) {
      mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 });
      writeKeyFile(keyFile, newSigningKey());
    }
    return readKeyFile(keyFile).publicJwk;
  };
}

function draft(answers: SetupAnswers, keyFor: KeyFor, nowMs: number): TrustBundle {
  const keyed = (role: 'root' | 'person') => (member: string) => {
    const [name, file] = [nameOf(member), fileOf(member)];
    return { name, keys: [file === undefined ? keyFor(role, name) : publicKeyIn(file, member)] };
  };
  const members = answers.roots.map(keyed('root'));
  const roots: Roots = { threshold: Math.floor(members.length / 2) + 1, members };
  const approvals = Math.min(APPROVALS, answers.approvers.length);
  return checkTrustBundle(
    {
      ...{
        version: 1,
        site: siteOf(roots, undefined),
        issuedAtMs: nowMs,
        expiresAtMs: nowMs + LIFE_MS,
        roots,
      },
      controllers: [{ name: answers.name, keys: [keyFor('controller', answers.name)] }],
      requesters: answers.requesters.map(keyed('person')),
      approvers: answers.approvers.map(keyed('person')),
      thresholds: { standard: { read: approvals, call: approvals, write: approvals } },
    },
    'setup',
  );
}

/**
 * Throws CONFIG_INVALID or TRUST_INVALID if no bundle can be made of these answers: a public key cannot be
 * read, or a name or key is in two roles that exclude each other. Nothing is written.
 */
export function checkMembers(answers: SetupAnswers, nowMs: number): void {
  const made = new Map<string, PublicJwk>();
  draft(
    answers,
    (role, name) => {
      const key = made.get(`${role} ${name}`) ?? newSigningKey().publicJwk;
      made.set(`${role} ${name}`, key);
      return key;
    },
    nowMs,
  );
}

/** The name of a member, without the file of their key. */
export function nameOf(member: string): string {
  return member.split('=', 1)[0] ?? '';
}

function fileOf(member: string): string | undefined {
  return member.includes('=') ? member.slice(member.indexOf('=') + 1) : undefined;
}

function publicKeyIn(file: string, member: string): PublicJwk {
  try {
    return publicJwkSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new FarcallError(
      'CONFIG_INVALID',
      `setup: ${member}: ${file} is no public key that farcall key new has printed`,
      { cause },
    );
  }
}
