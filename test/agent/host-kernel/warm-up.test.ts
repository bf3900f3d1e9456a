import { expect, test } from 'vitest';
import { warmUp } from '../../../agent/host-kernel/warm-up.ts';
import { eventually } from '../../kit/eventually.ts';
import { smallKernel } from '../compiler/support/small-kernel.ts';

test('an agent practises reading, and reads nothing of its kernel for that', async () => {
  const { compiler } = smallKernel();
  const compile = compiler.compileWithoutModule.bind(compiler);
  const readBy: boolean[] = [];
  compiler.compileWithoutModule = (...args) => {
    const call = compile(...args);
    if (call.image) return call;
    return {
      ...call,
      interpret(memory) {
        readBy.push(memory.copy(0xffff_8880_0000_0000n, new Uint8Array(8), 0, 8));
        return call.interpret(memory);
      },
    };
  };
  warmUp({ compiler });
  await eventually('two reads for practice', () => readBy.length > 1);
  expect(new Set(readBy)).toEqual(new Set([false]));
});
