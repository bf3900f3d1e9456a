import type { CType, FunctionType } from './ctype.ts';

/**
 * The type as C declares `name` with it: `int (*handler)(int, void *)`, `char name[16]`. Without a name it is the type
 * name, as in a cast.
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
      return type.of.kind === 'pointer'
        ? typeToC(type.of, join(type.qualifier, name))
        : `${type.qualifier} ${typeToC(type.of, name)}`;
    case 'pointer':
      return typeToC(type.to, needsParentheses(type.to) ? `(*${name})` : `*${name}`);
    case 'array':
      return typeToC(type.of, `${name}[${type.count || ''}]`);
    case 'function':
      return typeToC(type.result, `${name}(${paramsToC(type)})`);
  }
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
