import type { ArrayType, CType, FunctionType } from './ctype.ts';

/**
 * The type as C declares `name` with it: `int (*handler)(int, void *)`, `char name[16]`. Without a name it is
 * the type name, as in a cast.
 */
export function typeToC(type: CType, name = ''): string {
  switch (type.kind) {
    case 'void':
      return join('void', name);
    case 'int':
    case 'float':
    case 'typedef':
      return join(type.name, name);
    case 'enum':
    case 'struct':
    case 'union':
      return join(`${type.kind} ${type.name || '<anonymous>'}`, name);
    case 'qualified':
      return qualifiedToC(type.of, type.qualifier, name);
    case 'pointer':
      return typeToC(type.to, needsParentheses(type.to) ? `(*${name})` : `*${name}`);
    case 'array':
      return typeToC(type.of, elements(type, name));
    case 'function':
      return typeToC(type.result, `${name}(${paramsToC(type)})`);
  }
}

/**
 * Qualifiers of a pointer stand behind its star, those of an array are those of its elements, all others go
 * first.
 */
function qualifiedToC(of: CType, qualifiers: string, name: string): string {
  switch (of.kind) {
    case 'qualified':
      return qualifiedToC(of.of, `${qualifiers} ${of.qualifier}`, name);
    case 'pointer':
      return typeToC(of, join(qualifiers, name));
    case 'array':
      return qualifiedToC(of.of, qualifiers, elements(of, name));
    default:
      return `${qualifiers} ${typeToC(of, name)}`;
  }
}

function elements({ count }: ArrayType, name: string): string {
  return `${name}[${count || ''}]`;
}

/** A prototype, as a header would have it: `int _printk(const char *fmt, ...)`. */
export function prototypeToC(name: string, type: FunctionType): string {
  return typeToC(type, name);
}

function paramsToC({ params, variadic }: FunctionType): string {
  const list = params.map(param => typeToC(param.type, param.name));
  if (variadic) list.push('...');
  return list.join(', ') || 'void';
}

function needsParentheses(type: CType): boolean {
  if (type.kind === 'qualified') return needsParentheses(type.of);
  return type.kind === 'array' || type.kind === 'function';
}

function join(type: string, name: string): string {
  if (name === '') return type;
  return `${type} ${name}`;
}
