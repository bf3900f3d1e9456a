import type { ValueNode } from './typed-value.ts';

/** Longest text of one value; a longer one is truncated. */
const TEXT_LIMIT_CHARS = 60_000;

const CUT = '... /* cut */';

/** A value as a C initializer: `(int)17`, `(struct pair){ .a = 1, .b = 2 }`, `"sda"`. */
export function valueToText(value: ValueNode): string {
  if (value.kind === 'void') return '(void)';
  const text = partToText(value);
  const whole = value.kind === 'string' && value.address === undefined ? text : `(${value.type})${text}`;
  return whole.length > TEXT_LIMIT_CHARS ? `${whole.slice(0, TEXT_LIMIT_CHARS)} ${CUT}` : whole;
}

/** The same text without its type. */
function partToText(value: ValueNode): string {
  switch (value.kind) {
    case 'void':
      return '';
    case 'bool':
      return value.integer === '0' ? 'false' : 'true';
    case 'int':
      return noted(value.integer ?? '', value.errnoName);
    case 'enum':
      return value.enumerator === undefined ? (value.integer ?? '') : noted(value.enumerator, value.integer);
    case 'pointer':
      return pointerToText(value);
    case 'string':
      return `${quote(value.string ?? '')}${value.truncated ? '...' : ''}`;
    case 'struct':
    case 'union':
      return listToText(
        value,
        (value.members ?? []).map(member => `.${member.name} = ${partToText(member)}`),
      );
    case 'array':
      return listToText(value, (value.elements ?? []).map(partToText));
    case 'other':
      return `{ /* a number of ${(value.bits ?? 0) / 8} bytes */ }`;
  }
}

function listToText({ truncated }: ValueNode, parts: readonly string[]): string {
  const all = truncated ? [...parts, CUT] : parts;
  return all.length === 0 ? '{}' : `{ ${all.join(', ')} }`;
}

/** Pointers of the last page are errors (IS_ERR, include/linux/err.h, v6.12). */
function pointerToText({ address = '', errnoName, symbol }: ValueNode): string {
  if (errnoName === undefined) return noted(address, symbol);
  return noted(`ERR_PTR(${BigInt.asIntN(64, BigInt(address))})`, errnoName);
}

function noted(text: string, note: string | undefined): string {
  return note === undefined ? text : `${text} /* ${note} */`;
}

/** A C string literal. It is ASCII, whatever the memory of the kernel contained. */
function quote(text: string): string {
  const escaped = text.replace(/[^ -~]|["\\]/g, character => {
    const code = character.charCodeAt(0);
    if (character === '"' || character === '\\') return `\\${character}`;
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\${code.toString(8).padStart(3, '0')}`;
  });
  return `"${escaped}"`;
}
