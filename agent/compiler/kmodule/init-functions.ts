import { BTF_KIND, type Btf } from '../btf/index.ts';

/** Names of functions of type `int (void)`, which is what a module's init function is. */
export function* initFunctionNames(btf: Btf): Generator<string> {
  for (let id = btf.firstId; id < btf.endId; id++) {
    if (btf.kind(id) !== BTF_KIND.FUNC) continue;
    const prototype = btf.target(id);
    const result = btf.target(prototype);
    if (btf.params(prototype).length === 0 && btf.kind(result) === BTF_KIND.INT && btf.name(result) === 'int')
      yield btf.name(id);
  }
}
