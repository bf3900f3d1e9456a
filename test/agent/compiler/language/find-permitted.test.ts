import { expect, test } from 'vitest';
import { BTF_KIND, Btf, type KernelSymbol, permittedFunctions } from '../../../../agent/compiler/index.ts';
import { BtfBuilder } from '../support/btf-builder.ts';

const b = new BtfBuilder();
const int = b.int('int', 4);
const pointer = b.ref(BTF_KIND.PTR, 0);
for (const name of ['good', 'denied', 'aliased', 'startup', 'twofold']) b.func(name, int, { value: int });
b.func('of_module', int, { value: int });
b.func('other', int, { value: pointer });
b.func('longer', int, { value: int, more: int });
const btf = new Btf(b.build());

const symbol = (name: string, address: bigint, module?: string): KernelSymbol => ({
  name,
  address,
  type: 't',
  module,
});
const SYMBOLS = [
  symbol('_sinittext', 0x9000n),
  symbol('startup', 0x9010n),
  symbol('_einittext', 0xa000n),
  symbol('good', 0x1000n),
  symbol('good.cold', 0x1010n),
  symbol('denied', 0x2000n),
  symbol('aliased', 0x3000n),
  symbol('denied_alias', 0x3000n),
  symbol('twofold', 0x4000n),
  symbol('twofold', 0x5000n),
  symbol('other', 0x6000n),
  symbol('longer', 0x7000n),
  symbol('of_module', 0x8000n, 'nfsd'),
];

const type = { kind: 'int', name: 'int', sizeBytes: 4, signed: true, isBool: false } as const;
const PROTOTYPE = { kind: 'function', result: type, params: [{ name: 'x', type }], variadic: false } as const;

function found(modules: readonly (string | undefined)[] = [undefined]): string[] {
  const permitted = permittedFunctions({
    arch: 'x86_64',
    btf,
    textSymbols: () => SYMBOLS,
    mayCall: {
      module: module => modules.includes(module),
      function: names => !names.some(name => name.startsWith('denied')),
    },
  });
  return permitted(PROTOTYPE).map(({ name, address }) => `${name} 0x${address.toString(16)}`);
}

test('a pointer may hold the beginnings of functions with its prototype that policy permits by all their names', () => {
  expect(found()).toEqual(['good 0x1000', 'twofold 0x4000', 'twofold 0x5000']);
});

test('a pointer may not hold functions of modules without types, nor any if policy permits no module', () => {
  expect(found([undefined, 'nfsd'])).toEqual(found());
  expect(found([])).toEqual([]);
});
