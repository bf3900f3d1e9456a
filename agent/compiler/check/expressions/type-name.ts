import { BTF_KIND } from '../../btf/index.ts';
import {
  BASIC,
  bare,
  type CType,
  constOf,
  pointerTo,
  sizeOf,
  typeToC,
  volatileOf,
} from '../../ctype/index.ts';
import type { Derivation, TypeName } from '../../program/index.ts';
import type { CheckContext } from '../context/index.ts';
import type { KernelNames } from '../names/index.ts';
import { constantOf, typeOfOperand } from './check-expression.ts';
import { definedType } from './define-type.ts';

/** Largest type that a program may make, in bytes. */
const TYPE_LIMIT_BYTES = 1 << 30;

/** Later stages walk through types, level by level and part by part; no kernel has a type of as many. */
const TYPE_LIMITS = { depth: 200, parts: 4096 };

/** C11 6.7.2: which words make which type, each set written in alphabetical order. */
const BASIC_BY_WORDS: ReadonlyMap<string, CType> = new Map(
  Object.entries({
    void: BASIC.void,
    _Bool: BASIC.bool,
    bool: BASIC.bool,
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
  }),
);

/**
 * The type that a type name means on this kernel. Throws PROGRAM_TYPE with the location. `deduced` is what
 * C23's `auto` stands for, where it may stand.
 */
export function typeOfName(context: CheckContext, name: TypeName, deduced?: CType): CType {
  let type = baseType(context, name, deduced);
  if (name.isConst) type = constOf(type);
  if (name.isVolatile) type = volatileOf(type);
  for (const derivation of name.derivations) {
    type = derive(context, name, derivation, type);
    const { depth, parts } = context.definitions.extents.of(type);
    if (depth > TYPE_LIMITS.depth || parts > TYPE_LIMITS.parts)
      throw context.diagnostics.typeError(name.at, 'this type is made of too many other types');
  }
  return type;
}

function derive(context: CheckContext, { at }: TypeName, derivation: Derivation, type: CType): CType {
  switch (derivation.kind) {
    case 'pointer': {
      const pointer = derivation.isConst ? constOf(pointerTo(type)) : pointerTo(type);
      return derivation.isVolatile ? volatileOf(pointer) : pointer;
    }
    case 'array': {
      const size = sizeOf(type);
      if (size === undefined) throw context.diagnostics.typeError(at, `${typeToC(type)} has no size`);
      const count = derivation.count === undefined ? 0n : constantOf(context, derivation.count, 'the count');
      if (count < 0n || count * BigInt(size) > BigInt(TYPE_LIMIT_BYTES))
        throw context.diagnostics.typeError(at, `an array cannot have ${count} elements`);
      return { kind: 'array', of: type, count: Number(count) };
    }
    case 'function': {
      const { kind } = bare(type);
      if (kind === 'function' || kind === 'array')
        throw context.diagnostics.typeError(at, `a function cannot return ${typeToC(type)}`);
      const params = derivation.params.map(param => ({
        name: param.name,
        type: decayed(typeOfName(context, param.type)),
      }));
      return { kind: 'function', result: type, params, variadic: derivation.variadic };
    }
  }
}

/** What a parameter of the type is (C11 6.7.6.3, 7 and 8). */
function decayed(type: CType): CType {
  const plain = bare(type);
  if (plain.kind === 'array') return pointerTo(plain.of);
  return plain.kind === 'function' ? pointerTo(plain) : type;
}

/** C, other than C++, wants the word before the name. */
function taggedInstead(names: KernelNames, name: string): string {
  const tag = (['struct', 'union', 'enum'] as const).find(each => names.tagged(each, name) !== undefined);
  return tag === undefined ? '' : `; write ${tag} ${name}`;
}

/** Where a type is that the kernel itself does not have; its module is named once, by any name in it. */
function inModules(
  { names }: CheckContext,
  base: { readonly kind: 'typedef' | 'tag'; readonly name: string },
): string {
  const kinds = base.kind === 'typedef' ? [BTF_KIND.TYPEDEF] : TAG_KINDS;
  const modules = names.modulesWithType(base.name, kinds);
  if (modules.length === 0) return '';
  return `; the module ${modules.join(', and ')} has it: name a function or a variable of that module (name@${modules[0]}), and its types are known`;
}

const TAG_KINDS = [BTF_KIND.STRUCT, BTF_KIND.UNION, BTF_KIND.ENUM, BTF_KIND.ENUM64];

function baseType(context: CheckContext, { base, at }: TypeName, deduced: CType | undefined): CType {
  const { names } = context;
  const missing = (what: string): Error => context.diagnostics.typeError(at, what);
  switch (base.kind) {
    case 'basic': {
      const words = [...base.words].sort().join(' ');
      const type = words === 'char' ? names.char : BASIC_BY_WORDS.get(words);
      if (!type) throw missing(`call programs have no type '${base.words.join(' ')}'`);
      return type;
    }
    case 'tag': {
      const own = context.scope.findTag(base.name);
      if (own && bare(own).kind !== base.tag) throw missing(`'${base.name}' is ${typeToC(own)}`);
      const type = own ?? names.tagged(base.tag, base.name);
      if (!type) throw missing(`this kernel has no '${base.tag} ${base.name}'${inModules(context, base)}`);
      return type;
    }
    case 'record':
    case 'enumeration':
      return definedType(context, base);
    case 'typedef': {
      const binding = context.scope.find(base.name);
      if (binding?.kind === 'type') return { kind: 'typedef', name: base.name, to: binding.type };
      const type = names.typedef(base.name);
      if (!type)
        throw missing(
          `this kernel has no type '${base.name}'${taggedInstead(names, base.name)}${inModules(context, base)}`,
        );
      return type;
    }
    case 'typeof':
      return typeOfOperand(context, base.operand);
    case 'typeof-type':
      return typeOfName(context, base.type);
    case 'auto':
      if (!deduced) throw missing("'auto' takes its type from an initialiser; there is none here");
      return deduced;
  }
}
