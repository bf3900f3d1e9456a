import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { inputOf, type RecordedKernel } from '../../../../agent/compiler/build-facts/index.ts';
import { Compiler } from '../../../../agent/compiler/index.ts';
import { releasedLibrary } from '../../../../shared/assets/index.ts';
import type { BtfSlice, BuildFacts } from '../../../../shared/messages/index.ts';

const FOLDER = fileURLToPath(new URL('kernels/', import.meta.url));
const ENDS = '.json.gz';

/** What a recording keeps: facts, with types as base64. */
type Kept = Omit<BuildFacts, 'pointers' | 'types' | 'modules'> & {
  readonly types: { readonly btf: string; readonly ids: readonly number[] };
};

/** Writes what was asked of a kernel as a recording with this name; `folder` ends with a `/`. */
export function keepKernel(name: string, kernel: RecordedKernel, folder = FOLDER): void {
  const { types, modules: _modules, ...others } = kernel.facts();
  const kept: Kept = {
    ...others,
    types: { ids: [...types.ids], btf: Buffer.from(types.btf).toString('base64') },
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
      const { types, ...facts } = JSON.parse(gunzipSync(readFileSync(folder + file)).toString()) as Kept;
      const slice: BtfSlice = { ids: [...types.ids], btf: Buffer.from(types.btf, 'base64') };
      const input = inputOf({ ...facts, types: slice, modules: [], pointers: [] });
      return [
        file.slice(0, -ENDS.length),
        new Compiler({ ...input, namesOfLibrary: () => releasedLibrary().names }),
      ] as const;
    });
}
