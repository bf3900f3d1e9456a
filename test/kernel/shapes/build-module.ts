import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  cacheDirectory,
  ensureDirectory,
  ensureKernelHeaders,
  exportKernelFacts,
  type KernelHeaders,
  type Machine,
  runTool,
} from '../../../tools/machine/index.ts';
import { shapeFunctions } from './functions.ts';
import { MODULE_NAME, moduleSource, moduleTail } from './source.ts';
import { TOOLCHAINS, type Toolchain } from './toolchains.ts';

/** For every CPU. */
const FLAGS = [
  ...['-std=gnu11', '-fms-extensions', '-fshort-wchar', '-fno-strict-aliasing', '-fno-common', '-fno-PIE'],
  ...['-fno-asynchronous-unwind-tables', '-fno-jump-tables', '-fno-delete-null-pointer-checks'],
  ...['-fno-stack-protector', '-O2', '-g', '-gdwarf-4', '-w'],
  ...['-D__KERNEL__', '-DMODULE', `-DKBUILD_MODNAME="${MODULE_NAME}"`, `-DKBUILD_BASENAME="${MODULE_NAME}"`],
  ...[`-D__KBUILD_MODNAME=kmod_${MODULE_NAME}`, `-DKBUILD_MODFILE="${MODULE_NAME}"`],
];

/**
 * Builds the test module for the kernel of `machine` and gives its path: from the cache, keyed by the
 * kernel's release and everything that goes into the build. Debian's header packages give the headers, the
 * gcc of this machine for that CPU compiles (Debian's own differs by series, and nothing here depends on it),
 * and pahole adds the types where this kernel takes types of modules.
 */
export async function buildShapesModule(machine: Machine): Promise<string> {
  const { kernel } = machine;
  const headers = await ensureKernelHeaders(kernel);
  const toolchain = TOOLCHAINS[kernel.arch];
  const source = moduleSource(shapeFunctions(), kernel.arch);
  const gcc = await runTool(`${toolchain.prefix}gcc`, ['--version']);
  const tools = [gcc, await runTool('pahole', ['--version']), toolchain];
  const parts = [source, moduleTail(new Map()), FLAGS, tools, `${buildInto}`];
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  const path = join(cacheDirectory(), 'modules', `${kernel.release}-${digest}`);
  const hasModuleTypes = (await readFile(kernel.config, 'utf8')).includes('CONFIG_DEBUG_INFO_BTF_MODULES=y');
  const directory = await ensureDirectory(path, async temporary => {
    const btf = hasModuleTypes ? (await exportKernelFacts(machine)).vmlinuxBtf : undefined;
    await buildInto(temporary, { headers, source, btf, toolchain });
  });
  return join(directory, `${MODULE_NAME}.ko`);
}

interface Build {
  readonly headers: KernelHeaders;
  readonly source: string;
  readonly toolchain: Toolchain;
  /** The kernel's types, where it takes types of modules. */
  readonly btf: string | undefined;
}

async function buildInto(directory: string, { headers, source, toolchain, btf }: Build): Promise<void> {
  const inDirectory = (name: string): string => join(directory, name);
  const { prefix, flags, linkerScript } = toolchain;
  const includes = await includeFlags(headers, toolchain);
  const compile = async (name: string, text: string): Promise<string> => {
    const [from, to] = [inDirectory(`${name}.c`), inDirectory(`${name}.o`)];
    await writeFile(from, text);
    await runTool(`${prefix}gcc`, [...includes, ...FLAGS, ...flags, '-c', '-o', to, from]);
    return to;
  };
  const main = await compile('main', source);
  const tail = await compile('tail', moduleTail(await crcsOfImports(main, headers, toolchain)));
  const linked = inDirectory('linked.ko');
  await writeFile(inDirectory('module.lds'), linkerScript);
  const script = linkerScript === '' ? [] : ['-T', inDirectory('module.lds')];
  await runTool(`${prefix}ld`, ['-r', ...script, '-o', linked, main, tail]);
  if (btf) await runTool('pahole', ['-J', '--btf_base', btf, linked]);
  await runTool(`${prefix}strip`, ['--strip-debug', linked]);
  await rename(linked, inDirectory(`${MODULE_NAME}.ko`));
}

async function includeFlags(
  { build, common }: KernelHeaders,
  { prefix, folder }: Toolchain,
): Promise<string[]> {
  const compilers = (await runTool(`${prefix}gcc`, ['-print-file-name=include'])).trim();
  const ofArch = `arch/${folder}/include`;
  const folders = [ofArch, 'include', `${ofArch}/uapi`, 'include/uapi'];
  const generated = [`${ofArch}/generated`, 'include', `${ofArch}/generated/uapi`, 'include/generated/uapi'];
  const first = ['compiler-version.h', 'kconfig.h', 'compiler_types.h']
    .map(name => join(common, 'include/linux', name))
    .filter(path => existsSync(path));
  return [
    // Linux 5.10 takes stdarg.h from the compiler.
    ...['-nostdinc', '-isystem', compilers],
    ...folders.flatMap((each, index) => [`-I${join(common, each)}`, `-I${join(build, generated[index]!)}`]),
    ...first.flatMap(path => ['-include', path]),
  ];
}

/**
 * CRCs of what `object` imports, and of struct module's layout; empty for a kernel without
 * CONFIG_MODVERSIONS.
 */
async function crcsOfImports(
  object: string,
  { build }: KernelHeaders,
  { prefix }: Toolchain,
): Promise<Map<string, number>> {
  const undefinedNames = (await runTool(`${prefix}nm`, ['-u', object])).matchAll(/ U (\S+)/g);
  const names = ['module_layout', ...[...undefinedNames].map(match => match[1]!)];
  const symvers = await readFile(join(build, 'Module.symvers'), 'utf8');
  const crcs = new Map(
    [...symvers.matchAll(/^(0x[0-9a-f]+)\t(\S+)\t/gm)].map(match => [match[2]!, Number(match[1])]),
  );
  const known = names.filter(name => crcs.get(name));
  if (known.length === 0) return new Map();
  return new Map(names.map(name => [name, crcOf(name, crcs)]));
}

function crcOf(name: string, crcs: ReadonlyMap<string, number>): number {
  const crc = crcs.get(name);
  if (crc === undefined) throw new Error(`Module.symvers has no ${name}: the kernel exports it to no module`);
  return crc;
}
