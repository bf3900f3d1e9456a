import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { inputOf, type RecordedKernel } from '../../../../agent/compiler/build-facts/index.ts';
import { Compiler } from '../../../../agent/compiler/index.ts';
import { releasedLibrary } from '../../../../shared/assets/index.ts';
import type { BtfSlice, BuildFacts } from '../../../../shared/messages/index.ts';

const FOLDER = fileURLToPath(new URL('kernels/', import.meta.url));
const ENDS = '.json.gz';

/** Types as base64. */
interface KeptTypes {
  readonly btf: string;
  readonly ids: readonly number[];
}

/** What a recording keeps: facts, with types as base64. */
type Kept = Omit<BuildFacts, 'pointers' | 'types' | 'modules'> & {
  readonly types: KeptTypes;
  /** Of modules that were loaded, if any was asked for. */
  readonly modules?: readonly { readonly module: string; readonly types: KeptTypes }[];
};

/** Writes what was asked of a kernel as a recording with this name; `folder` ends with a `/`. */
export function keepKernel(name: string, kernel: RecordedKernel, folder = FOLDER): void {
  const { types, modules, ...others } = kernel.facts();
  const keptModules = modules.map(({ module, types: own }) => ({ module, types: keptTypes(own) }));
  const kept: Kept = {
    ...others,
    types: keptTypes(types),
    ...(keptModules.length > 0 ? { modules: keptModules } : {}),
  };
  writeFileSync(`${folder}${name}${ENDS}`, gzipSync(JSON.stringify(kept), { level: 9 }));
}

/**
 * Compilers for stock Debian kernels, by name: as much of their types and symbols as the programs of
 * `identifiers.ts` ask for, or what is in another folder. `record.ts` writes them.
 */
export function recordedKernels(folder = FOLDER): (readonly [name: string, compiler: Compiler])[] {
  return readdirSync(folder)
    .filter(file => file.endsWith(ENDS))
    .map(file => {
      const kept = JSON.parse(gunzipSync(readFileSync(folder + file)).toString()) as Kept;
      const modules = (kept.modules ?? []).map(({ module, types }) => ({ module, types: sliceOf(types) }));
      const input = inputOf({ ...kept, types: sliceOf(kept.types), modules, pointers: [] });
      return [
        file.slice(0, -ENDS.length),
        new Compiler({ ...input, namesOfLibrary: () => releasedLibrary().names }),
      ] as const;
    });
}

const keptTypes = ({ ids, btf }: BtfSlice): KeptTypes => ({
  ids: [...ids],
  btf: Buffer.from(btf).toString('base64'),
});

const sliceOf = ({ ids, btf }: KeptTypes): BtfSlice => ({ ids: [...ids], btf: Buffer.from(btf, 'base64') });
