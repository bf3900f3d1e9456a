import { Adviser } from '../../../../agent/compiler/adviser/adviser.ts';
import { Btf, NamedSymbols } from '../../../../agent/compiler/index.ts';
import { smallTypes } from '../../../kit/kernel-types-kit.ts';

/** An adviser for the small kernel of test/kit/kernel-types-kit. */
export function smallAdviser(): Adviser {
  const { vmlinux, names, arch } = smallTypes({ release: '6.1.0-test' });
  return new Adviser({ arch, btf: new Btf(vmlinux), symbols: new NamedSymbols(names) });
}
