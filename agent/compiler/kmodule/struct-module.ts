import { FarcallError } from '../../../shared/errors/index.ts';
import { BTF_KIND, type Btf } from '../btf/index.ts';

/** What a module must know of the kernel's `struct module` (include/linux/module.h). */
export interface StructModuleLayout {
  readonly sizeBytes: number;
  readonly nameOffset: number;
  /** Bytes of the name, its NUL included. */
  readonly nameBytes: number;
  readonly initOffset: number;
  /** Undefined where the kernel unloads no modules. */
  readonly exitOffset?: number | undefined;
}

/** Far more than any kernel's struct module has; a module image holds one. */
const SIZE_LIMIT_BYTES = 64 << 10;

/**
 * Reads the layout from BTF; it differs with every configuration. Throws KERNEL_LACKS where a part is
 * missing.
 */
export function structModuleLayout(btf: Btf): StructModuleLayout {
  for (const id of btf.find('module', BTF_KIND.STRUCT)) {
    const members = btf.members(id);
    const name = members.find(member => member.name === 'name');
    const init = members.find(member => member.name === 'init');
    const exit = members.find(member => member.name === 'exit');
    if (name && init && btf.kind(name.type) === BTF_KIND.ARRAY) {
      const nameBytes = btf.array(name.type).count;
      return checked({
        sizeBytes: btf.size(id),
        nameOffset: name.bitOffset / 8,
        nameBytes,
        initOffset: init.bitOffset / 8,
        exitOffset: exit && exit.bitOffset / 8,
      });
    }
  }
  throw new FarcallError(
    'KERNEL_LACKS',
    "this kernel's BTF has no struct module with name and init: it loads no modules",
  );
}

/** A relocation outside of the structure would have the kernel's loader write outside of the module. */
function checked(layout: StructModuleLayout): StructModuleLayout {
  const { sizeBytes, nameOffset, nameBytes, initOffset, exitOffset = initOffset } = layout;
  const isWithin = (offset: number, bytes: number): boolean =>
    Number.isInteger(offset) && bytes > 0 && offset + bytes <= sizeBytes;
  if (
    sizeBytes <= SIZE_LIMIT_BYTES &&
    isWithin(nameOffset, nameBytes) &&
    isWithin(initOffset, 8) &&
    isWithin(exitOffset, 8)
  )
    return layout;
  throw new FarcallError('KERNEL_LACKS', "this kernel's struct module, as its BTF has it, cannot be");
}
