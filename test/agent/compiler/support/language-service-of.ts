import { Btf, NamedSymbols } from '../../../../agent/compiler/index.ts';
import { LanguageService } from '../../../../agent/compiler/language-service/language-service.ts';
import { smallTypes } from '../../../kit/kernel-types-kit.ts';

/** A language service for the small kernel of test/kit/kernel-types-kit. */
export function smallLanguageService(): LanguageService {
  const { vmlinux, names, arch, release } = smallTypes({ release: '6.1.0-test' });
  return new LanguageService({ arch, release, btf: new Btf(vmlinux), symbols: new NamedSymbols(names) });
}
