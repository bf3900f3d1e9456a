import { describe, expect, test } from 'vitest';
import { printIr } from '../../../../agent/compiler/index.ts';
import { smallKernel } from '../support/small-kernel.ts';

const { compiler } = smallKernel();

/** The listing without its first line, the sizes, and without indentation. */
function ir(program: string): string[] {
  return printIr(compiler.compile(program, 'farcall_test').ir)
    .trimEnd()
    .split('\n')
    .slice(1)
    .map(line => line.trim());
}

describe('each construct is lowered to the instructions that it needs and no more', () => {
  test.each<readonly [string, readonly string[]]>([
    [
      'get_task()->pid',
      ['b0:', 't0 = call get_task()', 't1 = read32 [t0]', 't2 = sext32 t1', 'result+0 = t2', 'end 1 at 12'],
    ],
    [
      'get_task()->pid = 5;',
      [
        ...['b0:', 't0 = call get_task()', 't1 = const 0x5', 't2 = read32 [t0]', 't3 = load64 local+0'],
        ...['t4 = const 0x200', 't5 = ule t3, t4', 'branch t5 ? b1 : b2', 'b1:', 't6 = const 0x1'],
        ...['t7 = add t3, t6', 'store64 local+0, t7', 'store64 local+16, t0', 't8 = local+0'],
        ...['store64 local+24, t8', 'store64 local+32, t2', 'store64 local+40, t1', 'row 0, local+16, 32'],
        ...['jump b2', 'b2:', 'write32 [t0], t1', 'result+0 = t1', 'end 1 at 16'],
      ],
    ],
    [
      'int x; take_void(&x)',
      [
        'b0:',
        'zero local+0, 4',
        't0 = local+0',
        't1 = call take_void(t0)',
        't2 = sext32 t1',
        'result+0 = t2',
        'end 1 at 7',
      ],
    ],
    [
      'struct pair p = get_pair(); p.b',
      [
        'b0:',
        'block(local+16, 16) = call get_pair()',
        'move local+0, local+16, 16',
        't0 = load64 local+8',
        'result+0 = t0',
        'end 1 at 30',
      ],
    ],
    [
      'struct flags f = { .sign = -1 }; f.sign',
      [
        'b0:',
        'zero local+0, 8',
        't0 = const 0xffffffffffffffff',
        't1 = load8 local+0',
        't2 = const 0xffffffffffffff07',
        't3 = and t1, t2',
        't4 = const 0x3',
        't5 = shl t0, t4',
        't6 = const 0xf8',
        't7 = and t5, t6',
        't8 = or t3, t7',
        'store8 local+0, t8',
        't9 = const 0x3b',
        't10 = shl t0, t9',
        't11 = const 0x3b',
        't12 = sar t10, t11',
        't13 = load8 local+0',
        't14 = const 0x38',
        't15 = shl t13, t14',
        't16 = const 0x3b',
        't17 = sar t15, t16',
        'result+0 = t17',
        'end 1 at 35',
      ],
    ],
    [
      'for (;;) if (get_int()) break;',
      [
        'b0:',
        'jump b1',
        'b1:',
        'jump b2',
        'b2:',
        't0 = call get_int()',
        't1 = sext32 t0',
        'branch t1 ? b5 : b6',
        'b3:',
        'fuel',
        'jump b1',
        'b4:',
        'end 1 at 0',
        'b5:',
        'jump b4',
        'b6:',
        'jump b3',
      ],
    ],
    [
      'require(get_int()); nothing();',
      [
        'b0:',
        't0 = call get_int()',
        't1 = sext32 t0',
        'branch t1 ? b1 : b2',
        'b1:',
        'call nothing()',
        'end 1 at 0',
        'b2:',
        'end 3 at 0',
      ],
    ],
    [
      'report(get_int());',
      [
        'b0:',
        't0 = call get_int()',
        't1 = sext32 t0',
        'store64 local+0, t1',
        'row 0, local+0, 8',
        'end 1 at 0',
      ],
    ],
  ])('the program %s is lowered to the expected instructions', (program, lines) => {
    expect(ir(program)).toEqual(lines);
  });

  test('bits of kernel memory change by an atomic exchange', () => {
    const lines = ir('((struct flags *)get_task())->low = 1;');
    expect(lines.slice(lines.indexOf('b1:'), lines.indexOf('b2:'))).toEqual([
      'b1:',
      'fuel',
      't2 = read8 [t0]',
      't3 = const 0xfffffffffffffff8',
      't4 = and t2, t3',
      't5 = const 0x0',
      't6 = shl t1, t5',
      't7 = const 0x7',
      't8 = and t6, t7',
      't9 = or t4, t8',
      't10 = exchange8 [t0], t2, t9',
      'branch t10 ? b2 : b1',
    ]);
  });
});

test('what follows a return is left out', () => {
  expect(ir('return 1; nothing();').join()).not.toContain('nothing');
});

test('the cleanup of a program that holds nothing is none', () => {
  expect(compiler.compile('get_int()', 'farcall_test').ir.cleanup).toBeUndefined();
});
