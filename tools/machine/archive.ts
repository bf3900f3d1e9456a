import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findDebianArchive } from './apt-sources.ts';
import { runTool } from './tool.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** A CPU as Debian spells it. */
export type DebianArch = 'amd64' | 'arm64';

/** One suite of Debian's archive, seen through an apt state of its own. */
export interface ArchiveSuite {
  suite: string;
  /** Names of the packages that match an extended regular expression, unsorted. */
  search(pattern: string): Promise<string[]>;
  /** Names in the Depends line of `name`, alternatives included. */
  dependencies(name: string): Promise<string[]>;
  /** Fetches the package, checked against the archive's signature, and returns the path of the .deb. */
  download(name: string): Promise<string>;
}

/**
 * Opens `suite` of the archive that this machine's apt uses, with lists, caches and sources below
 * `directory`, so that apt's own state stays as it is. Verification is apt's, against Debian's archive
 * keyring.
 */
export async function openArchiveSuite(
  suite: string,
  directory: string,
  arch: DebianArch = 'amd64',
): Promise<ArchiveSuite> {
  const config = await writePrivateState(suite, directory, arch);
  const apt = (program: string, args: string[]) =>
    runTool(program, ['-c', config, ...args], { cwd: directory, env: { ...process.env, LC_ALL: 'C' } });
  await apt('apt-get', ['-q', '--error-on=any', 'update']);
  return {
    suite,
    async search(pattern) {
      const lines = await apt('apt-cache', ['search', '--names-only', pattern]);
      return lines.split('\n').flatMap(line => line.split(' ')[0] || []);
    },
    async dependencies(name) {
      const shown = await apt('apt-cache', ['show', name]);
      const depends = /^Depends: (.*)$/m.exec(shown)?.[1] ?? '';
      return depends.split(/[,|]/).map(item => item.trim().split(/[ :]/)[0] ?? '');
    },
    async download(name) {
      const uris = await apt('apt-get', ['download', '--print-uris', name]);
      await apt('apt-get', ['-q', 'download', name]);
      const file = /^'[^']*' (\S+)/m.exec(uris)?.[1];
      if (!file) throw new Error(`apt-get download --print-uris ${name} named no file: ${uris}`);
      return join(directory, file);
    },
  };
}

async function writePrivateState(suite: string, directory: string, arch: DebianArch): Promise<string> {
  await mkdir(join(directory, 'lists', 'partial'), { recursive: true });
  await mkdir(join(directory, 'cache', 'archives', 'partial'), { recursive: true });
  const sources = join(directory, 'sources.list');
  const config = join(directory, 'apt.conf');
  const archive = await findDebianArchive();
  await writeFile(sources, `deb [arch=${arch} signed-by=${KEYRING}] ${archive} ${suite} main\n`);
  await writeFile(
    config,
    [
      `Dir::State::lists "${directory}/lists/";`,
      `Dir::Cache "${directory}/cache/";`,
      `Dir::Etc::sourcelist "${sources}";`,
      'Dir::Etc::sourceparts "-";',
      `APT::Architecture "${arch}";`,
      `APT::Architectures { "${arch}"; };`,
      'Acquire::Languages "none";',
      'Acquire::Retries "3";',
      // A private directory in somebody's home cannot be entered by the user _apt.
      'APT::Sandbox::User "";',
      // Hooks of the machine (docker images clean /var/cache/apt in one) are about the machine's own state.
      '#clear APT::Update;',
      '',
    ].join('\n'),
  );
  return config;
}
