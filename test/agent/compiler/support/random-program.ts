/**
 * Programs that are C to gcc and to us alike, made from a seed: scalars, bit fields, structures by value,
 * control flow.
 */
export interface RandomPrograms {
  /** Structures, functions that take and return them, and the bodies as functions `g0`, `g1`. */
  readonly c: string;
  readonly bodies: readonly string[];
}

const SCALARS = ['char', 'signed char', 'u8', 'short', 'u16', 'int', 'u32', 'long', 'u64', '_Bool'] as const;
const BIT_TYPES = { int: 32, u32: 32, u64: 64, u8: 8, _Bool: 1 } as const;

interface Field {
  readonly name: string;
  readonly type: string;
  /** Declaration behind the type: `f0`, `f0 : 3`, `f0[4]`. */
  readonly declared: string;
  /** Ways to its scalars, behind `.`. */
  readonly paths: readonly string[];
}

interface Record {
  readonly name: string;
  readonly fields: readonly Field[];
}

/** A place of a program: text, and the type that is cast to before it is stored. */
interface Place {
  readonly text: string;
  readonly type: string;
}

/** Numbers from a seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 to `below` - 1 (mulberry32). */
  next(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  }

  of<T>(values: readonly T[]): T {
    return values[this.next(values.length)]!;
  }
}

/** `count` programs over `records` structures; `local` ones call nothing, and write by no pointer. */
export function randomPrograms(
  seed: number,
  { count = 100, records = 12, local = false } = {},
): RandomPrograms {
  const random = new Random(seed);
  const structs = Array.from({ length: records }, (_, index) => randomRecord(random, `r${index}`));
  if (local) {
    const bodies = Array.from({ length: count }, () => new BodyWriter(random, structs, undefined).body());
    return {
      c: [...structs.map(declare), ...structs.map(({ name }) => `struct ${name} a_${name};`)].join('\n'),
      bodies,
    };
  }
  const functions = Array.from({ length: count }, (_, index) =>
    randomFunction(random, structs, `take${index}`),
  );
  const bodies = functions.map(each => new BodyWriter(random, structs, each).body());
  const c = [
    ...structs.map(declare),
    ...structs.map(make),
    ...functions.map(({ c }) => c),
    ...bodies.map((body, index) => `u64 g${index}(void) { ${body} }`),
  ].join('\n');
  return { c, bodies };
}

function randomRecord(random: Random, name: string): Record {
  const fields = Array.from({ length: 1 + random.next(6) }, (_, index) =>
    randomField(random, `${name}f${index}`),
  );
  return { name, fields };
}

function randomField(random: Random, name: string): Field {
  switch (random.next(5)) {
    case 0:
    case 1: {
      const type = random.of(Object.keys(BIT_TYPES) as (keyof typeof BIT_TYPES)[]);
      const width = 1 + random.next(BIT_TYPES[type]);
      return { name, type, declared: `${name} : ${width}`, paths: [name] };
    }
    case 2: {
      const length = 1 + random.next(4);
      const paths = Array.from({ length }, (_, index) => `${name}[${index}]`);
      return { name, type: random.of(['u8', 'short']), declared: `${name}[${length}]`, paths };
    }
    default:
      return { name, type: random.of(SCALARS), declared: name, paths: [name] };
  }
}

function declare({ name, fields }: Record): string {
  return `struct ${name} { ${fields.map(each => `${each.type} ${each.declared};`).join(' ')} };`;
}

function places({ fields }: Record, text: string): Place[] {
  return fields.flatMap(({ paths, type }) => paths.map(path => ({ text: `${text}.${path}`, type })));
}

/** `struct r0 make_r0(long seed)` */
function make(record: Record): string {
  const sets = places(record, 's').map(({ text }, index) => `${text} = seed * ${index * 7 + 3};`);
  return `struct ${record.name} make_${record.name}(long seed) { struct ${record.name} s = {}; ${sets.join(' ')} return s; }`;
}

interface TakingFunction {
  readonly name: string;
  readonly params: readonly (Record | string)[];
  readonly c: string;
}

function randomFunction(random: Random, structs: readonly Record[], name: string): TakingFunction {
  const params = Array.from({ length: 1 + random.next(9) }, () =>
    random.next(2) ? random.of(structs) : random.of(SCALARS),
  );
  const declared = params.map(
    (each, index) => `${typeof each === 'string' ? each : `struct ${each.name}`} p${index}`,
  );
  const all = params.flatMap((each, index) =>
    typeof each === 'string' ? [`p${index}`] : places(each, `p${index}`).map(({ text }) => text),
  );
  return { name, params, c: `u64 ${name}(${declared.join(', ')}) { u64 h = 7; ${hash(all)} return h; }` };
}

function hash(values: readonly string[]): string {
  return values.map(value => `h = h * 31 + (u64)${value};`).join(' ');
}

class BodyWriter {
  readonly #random: Random;
  readonly #structs: readonly Record[];
  /** Undefined for programs that call nothing. */
  readonly #callee: TakingFunction | undefined;
  readonly #places: Place[] = [];
  #loops = 0;
  #labels = 0;

  constructor(random: Random, structs: readonly Record[], callee: TakingFunction | undefined) {
    this.#random = random;
    this.#structs = structs;
    this.#callee = callee;
  }

  body(): string {
    const lines = ['u64 h = 1;', ...this.#declarations()];
    for (let each = 0; each < 8; each++) lines.push(this.#statement(2));
    lines.push(hash(this.#places.map(({ text }) => text)), `h = h * 31 + ${this.#call()};`, 'return h;');
    return lines.join('\n');
  }

  #declarations(): string[] {
    const lines: string[] = [];
    for (const [index, type] of SCALARS.entries()) {
      lines.push(`${type} v${index} = (${type})(${this.#literal()});`);
      this.#places.push({ text: `v${index}`, type });
    }
    for (let index = 0; index < 3; index++) {
      const record = this.#random.of(this.#structs);
      const start = this.#callee && this.#random.next(2) ? `make_${record.name}(${this.#literal()})` : '{}';
      lines.push(
        `struct ${record.name} s${index} = ${start};`,
        `struct ${record.name} *q${index} = &s${index};`,
      );
      this.#places.push(...places(record, this.#random.next(2) ? `s${index}` : `(*q${index})`));
    }
    lines.push('int a[4] = { 1, [2] = 5 };', 'long *p = &v7;', ...this.#ownTypes());
    this.#places.push({ text: 'a[1]', type: 'int' }, { text: '(*p)', type: 'long' });
    this.#places.push({ text: 'a[v1 & 3]', type: 'int' });
    return lines;
  }

  /** Types that only the program has; their names must not meet those of the structures. */
  #ownTypes(): string[] {
    const random = this.#random;
    const fields = Array.from({ length: 2 + random.next(5) }, (_, index) => randomField(random, `f${index}`));
    if (random.next(2)) fields.push(randomField(random, 'last'));
    // What else is in a union may be no value of a _Bool.
    const tag = fields.some(({ type }) => type === '_Bool') ? 'struct' : random.of(['struct', 'union']);
    const members = fields.map(({ type, declared }) => `${type} ${declared};`);
    if (random.next(2))
      members.splice(1, 0, `${random.of(['int', 'u8', 'u64'])} : ${random.next(3) ? 3 : 0};`);
    if (random.next(2)) members.push('struct { u8 inner; union { long l; short s[2]; }; };');
    const inner = members.at(-1)!.startsWith('struct') ? [{ text: 'own.s[1]', type: 'short' }] : [];
    this.#places.push(...places({ name: 'own', fields }, 'own'), ...inner);
    const start = tag === 'struct' && random.next(2) ? '{ 1, 2 }' : '{}';
    return [
      `typedef ${tag} own_type { ${members.join(' ')} } own_type;`,
      `own_type own = ${start};`,
      'enum mood { CALM = 3, WILD, ODD = 1 };',
      'enum mood mood = WILD; mood += ODD; h = h * 31 + mood + sizeof(own_type) + _Alignof(own_type);',
    ];
  }

  /** Forward and back, the way back no more often than `turns` allows. */
  #goto(depth: number): string {
    const label = `l${this.#labels++}`;
    if (this.#random.next(2))
      return `if (${this.#expression(1)}) goto ${label}; ${this.#statement(depth - 1)} ${label}: v8++;`;
    const turns = `i${this.#loops++}`;
    return `int ${turns} = 0; ${label}: ${this.#statement(depth - 1)} if (${turns}++ < 3 && ${this.#expression(1)}) goto ${label};`;
  }

  #switch(depth: number): string {
    const random = this.#random;
    const labels = ['case 0:', 'case 1 ... 3:', 'case 5:', 'case -1:', 'case 100:', 'default:']
      .filter(() => random.next(3) > 0)
      .sort(() => random.next(3) - 1);
    const cases = labels.map(label => {
      const end = random.of(['break;', '', 'v8 += 3;']);
      return `${label} { ${this.#statement(depth - 1)} } ${end}`;
    });
    const value = random.of([`(${this.#expression(1)} & 7)`, `(char)${this.#expression(1)}`, this.#read()]);
    return `switch (${value}) { ${cases.join(' ')} }`;
  }

  #literalRecord(): string {
    const record = this.#random.of(this.#structs);
    const { text, type } = this.#random.of(places(record, 'x'));
    const path = text.slice(2);
    return `((struct ${record.name}){ .${path} = (${type})${this.#expression(1)} }).${path}`;
  }

  #statement(depth: number): string {
    const random = this.#random;
    switch (random.next(depth > 0 ? 10 : 4)) {
      case 0:
      case 1: {
        const { text, type } = this.#target();
        return `${text} = (${type})${this.#expression(3)};`;
      }
      case 2: {
        const operator = random.of(['+', '-', '^', '|', '&']);
        return `${this.#target().text} ${operator}= ${this.#expression(2)};`;
      }
      case 3:
        return random.of([(t: string) => `${t}++;`, (t: string) => `--${t};`])(this.#target().text);
      case 4:
        return `if (${this.#expression(2)}) { ${this.#statement(depth - 1)} } else ${this.#statement(depth - 1)}`;
      case 5: {
        const name = `i${this.#loops++}`;
        const leave = random.next(2)
          ? `if (${this.#expression(1)}) ${random.of(['break', 'continue'])};`
          : '';
        return `for (int ${name} = 0; ${name} < ${random.next(5)}; ${name}++) { ${leave} ${this.#statement(depth - 1)} v8 += ${name}; }`;
      }
      case 6:
        return `{ ${this.#goto(depth)} }`;
      case 7:
        return this.#switch(depth);
      case 8:
        return `{ long u = ({ long t = ${this.#expression(1)}; ${this.#statement(0)} t * 3; }); v8 ^= u; }`;
      default:
        return `v8 ^= ${this.#call()};`;
    }
  }

  #target(): Place {
    const place = this.#random.of(this.#places);
    return this.#callee || !/^\(\*|^a\[v1/.test(place.text) ? place : this.#places[0]!;
  }

  #call(): string {
    if (!this.#callee) return `(u64)${this.#expression(2)}`;
    const args = this.#callee.params.map(param =>
      typeof param === 'string'
        ? `(${param})${this.#expression(1)}`
        : `make_${param.name}((long)${this.#expression(1)})`,
    );
    return `${this.#callee.name}(${args.join(', ')})`;
  }

  #expression(depth: number): string {
    const random = this.#random;
    const inner = (): string => this.#expression(depth - 1);
    if (depth === 0) return random.next(3) ? this.#read() : `(${this.#literal()})`;
    switch (random.next(10)) {
      case 0:
        return `(${random.of(['-', '~', '!', '+'])}${inner()})`;
      case 1:
        return `(${inner()} ${random.of(['<<', '>>'])} (${inner()} & 7))`;
      case 2:
        return `(${inner()} ${random.of(['/', '%'])} ((${inner()} & 15) + 1))`;
      case 3:
        return `(${inner()} ${random.of(['<', '>', '<=', '>=', '==', '!=', '&&', '||'])} ${inner()})`;
      case 4:
        return `(${inner()} ? ${inner()} : ${inner()})`;
      case 5:
        return `((${random.of(SCALARS)})${inner()})`;
      case 8:
        return `((u64)${this.#literalRecord()})`;
      case 9:
        return random.of([`(${inner()} ?: ${inner()})`, `(${inner()}, ${inner()})`, `({ ${inner()}; })`]);
      default:
        return `(${inner()} ${random.of(['+', '-', '*', '&', '|', '^'])} ${inner()})`;
    }
  }

  /**
   * Cast, because gcc computes with bit fields above 32 bits in their own width, which C does not ask for.
   */
  #read(): string {
    const { text, type } = this.#random.of(this.#places);
    return type === 'u64' ? `(u64)${text}` : text;
  }

  #literal(): string {
    const value = this.#random.of([0, 1, 2, 7, 100, 255, 256, 65535, 0x7fffffff, this.#random.next(1 << 30)]);
    return `${value}${this.#random.of(['', '', 'u', 'l', 'ul'])}`;
  }
}
