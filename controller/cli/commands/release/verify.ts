import { existsSync, readFileSync } from 'node:fs';
import { asciiJson } from '../../../../shared/json/index.ts';
import { parseReleaseKey, verifyRelease } from '../../../../shared/release/index.ts';
import { printable } from '../../../views/index.ts';
import { type AddCommand, addHelp, EXIT, type ExitCode, withJson } from '../../core/index.ts';
import type { CliContext, CommonOptions } from '../../session/index.ts';

interface VerifyOptions extends CommonOptions {
  readonly key: string;
}

/** `farcall release verify`. */
export const addReleaseVerify: AddCommand = (parent, context, exitWith) => {
  const command = withJson(parent.command('verify'))
    .summary('check every file of a release')
    .description('Checks that each file in the folder of a release is what the maker of the release signed.')
    .argument('<folder>', 'the folder with SHA256SUMS, its signature, and the packages')
    .requiredOption('--key <key>', "the maker's public key: RW…, or a file that has it");
  addHelp(command, {
    notes: [
      'The signature has the format of minisign, which can check it as well: minisign -Vm SHA256SUMS -p release.pub, and sha256sum -c SHA256SUMS.',
      'Get the key from somewhere else than the release. A key that came with it proves nothing.',
    ],
    examples: ['release verify farcall-0.1.0 --key release.pub', 'release verify . --key RWQ… --json'],
    exits: [EXIT.tampered],
    exitMeanings: { [EXIT.tampered]: 'a file is missing, was changed, or nobody signed it' },
  }).action(async (folder: string, options: VerifyOptions) =>
    exitWith(await releaseVerify(context, folder, options)),
  );
};

async function releaseVerify(
  { terminal }: CliContext,
  folder: string,
  { key, json }: VerifyOptions,
): Promise<ExitCode> {
  const text = existsSync(key) ? readFileSync(key, 'utf8') : key;
  const { comment, files } = await verifyRelease(folder, parseReleaseKey(text));
  if (json) terminal.print(asciiJson({ release: comment, files }));
  else terminal.print(`${files.length} files are as they were signed: ${printable(comment)}`);
  return EXIT.ok;
}
