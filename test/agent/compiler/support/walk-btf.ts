import { BTF_KIND, type Btf } from '../../../../agent/compiler/btf/index.ts';
import { BtfTypes, typeToC } from '../../../../agent/compiler/ctype/index.ts';
import { guarded } from './guarded.ts';

/** Asks everything of every type, as the compiler might. The answer is how many types could not be told. */
export function walkBtf(btf: Btf): number {
  const types = new BtfTypes(btf);
  let failures = 0;
  for (let id = 0; id < btf.endId; id++) {
    const { error } = guarded(() => askAll(btf, types, id));
    if (!error) continue;
    if (error.code !== 'BTF_INVALID') throw error;
    failures++;
  }
  return failures;
}

function askAll(btf: Btf, types: BtfTypes, id: number): void {
  const kind = btf.kind(id);
  if (typeof btf.name(id) !== 'string') throw new Error(`the name of type ${id} is no string`);
  if (kind === BTF_KIND.STRUCT || kind === BTF_KIND.UNION) btf.members(id);
  if (kind === BTF_KIND.ENUM || kind === BTF_KIND.ENUM64) btf.enumerators(id);
  if (kind === BTF_KIND.FUNC_PROTO) btf.params(id);
  const type = kind === BTF_KIND.FUNC ? types.prototype(id) : types.type(id);
  if (typeof typeToC(type, 'x') !== 'string') throw new Error(`type ${id} is not spelled as a string`);
}
