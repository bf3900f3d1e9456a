import { BTF_KIND } from '../../../../agent/compiler/btf/index.ts';
import {
  Btf,
  Compiler,
  type CompilerInput,
  type KernelSymbol,
  type SymbolTable,
} from '../../../../agent/compiler/index.ts';
import { BtfBuilder } from './btf-builder.ts';

/** A symbol table over a list, for tests. */
export function symbolTable(symbols: readonly KernelSymbol[]): SymbolTable {
  return {
    lookup: name => symbols.filter(symbol => symbol.name === name),
    variants: name =>
      symbols.filter(
        symbol =>
          /^\.(constprop|isra|part|cold)/.test(symbol.name.slice(name.length)) &&
          symbol.name.startsWith(name),
      ),
    similar: (name, limit) =>
      symbols
        .map(symbol => symbol.name)
        .filter(each => each.includes(name) || each.includes(name.slice(1)))
        .slice(0, limit),
    namesAt: address => symbols.filter(each => each.address === address).map(({ name }) => name),
    containing: address => {
      const symbol = symbols
        .filter(each => each.address <= address)
        .sort((a, b) => (a.address < b.address ? 1 : -1))[0];
      return symbol && { symbol, offset: address - symbol.address };
    },
  };
}

/** Types, functions and symbols that look like a kernel's, small enough to know by heart. */
export function smallKernel(): {
  btf: Btf;
  symbols: SymbolTable;
  compiler: Compiler;
  input: CompilerInput;
} {
  const b = new BtfBuilder();
  const int = b.int('int', 4);
  const char = b.int('char', 1);
  const long = b.int('long int', 8);
  const ulong = b.int('long unsigned int', 8, false);
  const uint = b.int('unsigned int', 4, false);
  const u8 = b.ref(BTF_KIND.TYPEDEF, b.int('unsigned char', 1, false), 'u8');
  const short = b.int('short int', 2);
  const bool = b.ref(BTF_KIND.TYPEDEF, b.int('_Bool', 1, false, true), 'bool');
  const string = b.ref(BTF_KIND.PTR, b.ref(BTF_KIND.CONST, char));
  const buffer = b.ref(BTF_KIND.PTR, char);
  const voidPointer = b.ref(BTF_KIND.PTR, 0);
  const size = b.ref(BTF_KIND.TYPEDEF, ulong, 'size_t');
  const color = b.enumeration('color', { RED: 0, GREEN: 1, BLUE: 2 });
  b.enum64('wide', { WIDE: 1n << 40n });
  const task = b.struct('task_struct', 64, [{ name: 'pid', type: int, bitOffset: 0 }]);
  const taskPointer = b.ref(BTF_KIND.PTR, task);
  const pair = b.struct('pair', 16, [
    { name: 'a', type: long, bitOffset: 0 },
    { name: 'b', type: long, bitOffset: 64 },
  ]);
  b.struct(
    'exception_table_entry',
    12,
    ['insn', 'fixup', 'data'].map((name, index) => ({ name, type: int, bitOffset: index * 32 })),
  );
  b.struct('flags', 8, [
    { name: 'low', type: uint, bitOffset: 0, bitWidth: 3 },
    { name: 'sign', type: int, bitOffset: 3, bitWidth: 5 },
    { name: 'plain', type: int, bitOffset: 32 },
  ]);
  b.struct('module', 896, [
    { name: 'name', type: b.array(char, 56), bitOffset: 24 * 8 },
    { name: 'init', type: voidPointer, bitOffset: 312 * 8 },
  ]);
  b.func('_printk', int, { fmt: string, '...': 0 });
  b.func('nothing', 0);
  b.func('get_int', int);
  b.func('get_long', long);
  b.func('get_uint', uint);
  b.func('get_u8', u8);
  b.func('get_bool', bool);
  b.func('get_task', taskPointer);
  b.func('take_u8', int, { value: u8 });
  b.func('take_short', int, { value: short });
  b.func('take_bool', int, { value: bool });
  b.func('take_color', color, { value: color });
  b.func('take_task', int, { p: taskPointer });
  b.func('take_void', int, { p: voidPointer });
  b.func('take_string', size, { s: string });
  b.func('take_buffer', int, { s: buffer });
  b.func('take_pair', int, { p: pair });
  b.func('get_pair', pair);
  b.func('eight', long, { a: int, b: int, c: int, d: int, e: int, f: int, g: int, h: long });
  b.func('inlined_away', int);
  b.func('cloned', int, { a: int });
  b.func('twice', int);
  b.func('early', int);
  const text = [
    '_printk',
    'nothing',
    'get_int',
    'get_long',
    'get_uint',
    'get_u8',
    'get_bool',
    'get_task',
    'take_u8',
    'take_short',
    'take_bool',
    'take_color',
    'take_task',
    'take_void',
    'take_string',
    'take_buffer',
    'take_pair',
    'get_pair',
    'eight',
    'cloned.constprop.0',
    'part_only.part.0',
    'twice',
    'twice',
    'untyped',
    'copy_to_user_nofault',
    'copy_from_kernel_nofault',
    'copy_to_kernel_nofault',
    'strncpy_from_kernel_nofault',
  ];
  const base = 0xffffffff81000000n;
  const symbols = text.map(
    (name, index): KernelSymbol => ({
      name,
      type: 'T',
      module: undefined,
      address: base + BigInt(index) * 0x100n,
    }),
  );
  symbols.push({ name: 'init_task', type: 'D', module: undefined, address: 0xffffffff82000000n });
  symbols.push({ name: '_sinittext', type: 'T', module: undefined, address: 0xffffffff83000000n });
  symbols.push({ name: 'early', type: 't', module: undefined, address: 0xffffffff83000010n });
  symbols.push({ name: '_einittext', type: 'T', module: undefined, address: 0xffffffff83001000n });
  const btf = new Btf(b.build());
  const table = symbolTable(symbols);
  const abi = { vermagic: '6.1.0-test SMP mod_unload ', moduleLayoutCrc: undefined, kcfiInitHash: undefined };
  const input = { arch: 'x86_64', btf, symbols: table, abi };
  return { btf, symbols: table, compiler: new Compiler(input), input };
}
