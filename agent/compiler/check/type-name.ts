import { BASIC, type CType, constOf, pointerTo } from '../ctype/index.ts';
import type { TypeName } from '../program/index.ts';
import type { KernelNames } from './kernel-names.ts';

/** C11 6.7.2: which words make which type, each set written in alphabetical order. */
const BASIC_BY_WORDS: Readonly<Record<string, CType>> = {
  void: BASIC.void,
  _Bool: BASIC.bool,
  bool: BASIC.bool,
  char: BASIC.char,
  'char signed': BASIC.schar,
  'char unsigned': BASIC.uchar,
  short: BASIC.short,
  'short signed': BASIC.short,
  'int short': BASIC.short,
  'int short signed': BASIC.short,
  'short unsigned': BASIC.ushort,
  'int short unsigned': BASIC.ushort,
  int: BASIC.int,
  signed: BASIC.int,
  'int signed': BASIC.int,
  unsigned: BASIC.uint,
  'int unsigned': BASIC.uint,
  long: BASIC.long,
  'long signed': BASIC.long,
  'int long': BASIC.long,
  'int long signed': BASIC.long,
  'long unsigned': BASIC.ulong,
  'int long unsigned': BASIC.ulong,
  'long long': BASIC.llong,
  'long long signed': BASIC.llong,
  'int long long': BASIC.llong,
  'int long long signed': BASIC.llong,
  'long long unsigned': BASIC.ullong,
  'int long long unsigned': BASIC.ullong,
};

/** The type that a type name means on this kernel, or what is wrong with it. */
export function typeOfName({ base, isConst, pointers }: TypeName, names: KernelNames): CType | string {
  let type = baseType(base, names);
  if (typeof type === 'string') return type;
  if (isConst) type = constOf(type);
  for (let level = 0; level < pointers; level++) type = pointerTo(type);
  return type;
}

function baseType(base: TypeName['base'], names: KernelNames): CType | string {
  switch (base.kind) {
    case 'basic': {
      const words = [...base.words].sort().join(' ');
      return BASIC_BY_WORDS[words] ?? `'${base.words.join(' ')}' is no type that call programs have`;
    }
    case 'tag':
      return names.tagged(base.tag, base.name) ?? `this kernel has no '${base.tag} ${base.name}'`;
    case 'typedef':
      return names.typedef(base.name) ?? `this kernel has no type '${base.name}'`;
  }
}
