import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { recordBuild } from '../../../agent/compiler/index.ts';
import { deriveModule, moduleDeriver, signQueryLimit } from '../../../controller/module-signing/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { type BuildFacts, buildFactsCodec } from '../../../shared/messages/index.ts';
import { testClock } from '../../kit/controller-kit.ts';
import { kernelOfHost } from './support/asking-host.ts';

const PROGRAM = 'extern struct pair a_pair; a_pair.b = 5; _printk("x %ld\\n", a_pair.a)';
const built = recordBuild(kernelOfHost(), PROGRAM, 'farcall_test');
const facts = buildFactsCodec.encode(built.facts);
const wanted = { program: PROGRAM, moduleName: 'farcall_test', facts };

/** A value that has the same image, or a FarcallError; anything else is a way in. */
function sameOrError(changed: Uint8Array): void {
  try {
    deriveModule({ ...wanted, facts: changed });
  } catch (error) {
    expect(error).toBeInstanceOf(FarcallError);
  }
}

describe('a module that calls through a pointer', () => {
  const program = 'union { long l; int (*f)(void); } u = {}; u.f()';
  const textStart = 0xffff_ffff_8100_0000n;
  const found = { name: 'unused', module: undefined, address: textStart + 0x3000n };
  const indirect = recordBuild(kernelOfHost(), program, 'farcall_test', () => [found]);
  const sent = (facts: BuildFacts) => ({
    ...{ program, moduleName: 'farcall_test', facts: buildFactsCodec.encode(facts) },
  });

  test('a module that calls through a pointer may reach what its host says, and the signer knows that it calls through one', () => {
    const derived = deriveModule(sent(indirect.facts));
    expect(Buffer.from(derived.image).equals(indirect.call.image)).toBe(true);
    expect(derived.indirectCalls).toBe(true);
    expect(derived.effect).toBe('call');
    expect([...derived.kernelFacts.keys()]).toContain('function unused +3000');
    expect(deriveModule(wanted).indirectCalls).toBe(false);
  });

  test.each([
    ['outside of the kernel', { address: '400000' }, /unused cannot be at 0x400000/],
    ['of no module that can be there', { module: 'nfsd', address: '1000' }, /unused@nfsd cannot be at/],
  ])(
    'a module that calls through a pointer is refused if it may reach a function %s',
    (_where, change, why) => {
      const [{ prototype, functions }] = indirect.facts.pointers as [BuildFacts['pointers'][number]];
      const pointers = [{ prototype, functions: functions.map(each => ({ ...each, ...change })) }];
      expect(() => deriveModule(sent({ ...indirect.facts, pointers }))).toThrow(why);
    },
  );

  test('a module that calls through a pointer is refused if the host names functions for pointers that the program does not call', () => {
    const pointers = [...indirect.facts.pointers, { prototype: 'void (void)', functions: [] }];
    expect(() => deriveModule(sent({ ...indirect.facts, pointers }))).toThrow(/other facts/);
  });
});

describe('a module that is derived from facts', () => {
  test('a module that is derived from facts has the fuel of its request', () => {
    const other = recordBuild(kernelOfHost(), PROGRAM, 'farcall_test', undefined, 5);
    const derived = deriveModule({ ...wanted, fuel: 5 });
    expect(Buffer.from(derived.image).equals(other.call.image)).toBe(true);
    expect(Buffer.from(derived.image).equals(built.call.image)).toBe(false);
  });

  test('a module that is derived from facts is the one that its host has', () => {
    const { image, arch } = deriveModule(wanted);
    expect(Buffer.from(image).equals(built.call.image)).toBe(true);
    expect(arch).toBe('x86_64');
  });

  test('a module that is derived from facts is a value or a FarcallError, if bytes of the facts were changed', () => {
    fc.assert(
      fc.property(fc.nat(facts.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(facts);
        changed[at] = value;
        sameOrError(changed);
        sameOrError(facts.subarray(0, at));
      }),
      { numRuns: 400 },
    );
  });

  test('a module that is derived from facts is a value or a FarcallError, if bytes of the types were changed in facts that are whole', () => {
    const { btf } = built.facts.types;
    fc.assert(
      fc.property(fc.nat(btf.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(btf);
        changed[at] = value;
        const types: BuildFacts['types'] = { ...built.facts.types, btf: changed };
        sameOrError(buildFactsCodec.encode({ ...built.facts, types }));
      }),
      { numRuns: 400 },
    );
  });

  test('a module that is derived from facts is refused if a structure of the types contains itself', () => {
    const { btf } = built.facts.types;
    const codes = new Set<string>();
    for (let at = 0; at < btf.length; at++) {
      const changed = Buffer.from(btf);
      changed[at] = 6;
      const types: BuildFacts['types'] = { ...built.facts.types, btf: changed };
      try {
        deriveModule({ ...wanted, facts: buildFactsCodec.encode({ ...built.facts, types }) });
      } catch (error) {
        codes.add(`${(error as FarcallError).code} ${(error as FarcallError).message}`);
      }
    }
    expect([...codes]).toContain('BTF_INVALID BTF: struct pair contains itself');
  });

  test('a module that is derived from facts is refused if the facts are over their limit', () => {
    expect(() => deriveModule({ ...wanted, facts: new Uint8Array(600_000) })).toThrow(/over the limit/);
  });
});

describe('the thread that compiles', () => {
  const deriver = moduleDeriver();
  afterAll(() => deriver.close());

  test('the thread that compiles returns the module, and the next one after a failure', async () => {
    await expect(deriver.derive({ ...wanted, program: 'no_such()' })).rejects.toMatchObject({
      code: 'SYMBOL_UNKNOWN',
    });
    const { image, kernelFacts } = await deriver.derive(wanted);
    expect(Buffer.from(image).equals(built.call.image)).toBe(true);
    expect(kernelFacts.get('symbol _printk')).toBe('_printk T +1000');
  });

  test('the thread that compiles compiles many modules one after the other', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => deriver.derive(wanted)));
    for (const { image } of all) expect(Buffer.from(image).equals(built.call.image)).toBe(true);
  });
});

test('each host has a limit of its own, which time lifts', () => {
  const clock = testClock();
  const limit = signQueryLimit(clock);
  for (let index = 0; index < 20; index++) limit('web-1');
  expect(() => limit('web-1')).toThrow(/too many signatures/);
  limit('web-2');
  clock.advance(2000);
  limit('web-1');
  expect(() => limit('web-1')).toThrow();
});
