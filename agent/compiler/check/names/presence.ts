import { bare, findMember } from '../../ctype/index.ts';
import type { PresenceQuestion, QuestionedType } from '../../preprocessor/index.ts';
import type { KernelNames } from './kernel-names.ts';

/**
 * What a kernel says to a question: 1 or 0, or the number of its release; undefined where that is not known.
 */
export function answerOf(names: KernelNames, question: PresenceQuestion): bigint | undefined {
  switch (question.kind) {
    case 'type':
      return truth(hasType(names, question.type));
    case 'member':
      return truth(hasMember(names, question.type, question.path));
    case 'symbol': {
      const { name, module } = question;
      const found = names.symbols.lookup(name);
      return truth(found.some(each => module === undefined || each.module === module));
    }
    case 'enumerator':
      return truth(names.enumerator(question.name) !== undefined);
    case 'parameters':
      return truth(hasParameters(names, question));
    case 'version':
      return versionCode(names.release);
  }
}

function truth(holds: boolean): bigint {
  return holds ? 1n : 0n;
}

function typeOf(names: KernelNames, { tag, name }: QuestionedType) {
  return tag ? names.tagged(tag, name) : names.typedef(name);
}

/** A structure of which only the name is known is none. */
function hasType(names: KernelNames, questioned: QuestionedType): boolean {
  const type = typeOf(names, questioned);
  const plain = type && bare(type);
  if (plain?.kind === 'struct' || plain?.kind === 'union') return plain.sizeBytes !== undefined;
  return plain !== undefined;
}

function hasMember(names: KernelNames, questioned: QuestionedType, path: readonly string[]): boolean {
  let type = typeOf(names, questioned);
  for (const name of path) {
    const plain = type && bare(type);
    if (plain?.kind !== 'struct' && plain?.kind !== 'union') return false;
    type = findMember(plain, name)?.type;
  }
  return type !== undefined;
}

function hasParameters(
  names: KernelNames,
  { name, module, count }: Extract<PresenceQuestion, { kind: 'parameters' }>,
): boolean {
  const prototypes = names.prototypes(name, module ?? names.symbols.lookup(name)[0]?.module);
  return prototypes.length > 0 && prototypes.every(({ params }) => params.length === count);
}

/** As include/linux/version.h has it: a sublevel above 255 counts as 255. */
function versionCode(release: string | undefined): bigint | undefined {
  const found = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(release ?? '');
  if (!found) return undefined;
  const [version, patchlevel, sublevel] = [found[1], found[2], found[3] ?? '0'].map(Number);
  return BigInt(version! * 65536 + patchlevel! * 256 + Math.min(sublevel!, 255));
}
