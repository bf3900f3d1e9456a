import { describe, expect, test } from 'vitest';
import { BTF_KIND, Btf } from '../../../../agent/compiler/btf/index.ts';
import { StringIndex } from '../../../../agent/compiler/btf/string-index.ts';
import { verifyIr } from '../../../../agent/compiler/ir/index.ts';
import { PROGRAM_LIMIT_BYTES } from '../../../../shared/limits/index.ts';
import { BtfBuilder } from '../support/btf-builder.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { smallKernel } from '../support/small-kernel.ts';

const { compiler } = smallKernel();

/** As many pieces as fit between the two. */
function filled(before: string, piece: (n: number) => string, after: string): string {
  let text = before;
  for (let n = 0; ; n++) {
    const next = piece(n);
    if (text.length + next.length + after.length > PROGRAM_LIMIT_BYTES) return text + after;
    text += next;
  }
}

describe('a program is as large as its bytes allow', () => {
  test.each<[string, string, string]>([
    ['operators', filled('int x = 0;', () => 'x+=1+1;', 'x'), '(int)18720'],
    ['names', filled('enum{', n => `v${n}=1,`, 'z};1'), '(int)1'],
    ['names of nothing else', filled('int x=0;', n => `{int z${n};z${n}=1;x+=z${n};}`, '2'), '(int)2'],
    [
      'else if',
      filled('int x = 7, y; if (x == 1) y = 0;', n => `else if(x==8)y=${n};`, 'else y = 3; y'),
      '(int)3',
    ],
    ['cases', filled('int y = 0; switch (7) {', n => `case ${n}:`, 'y = 4; } y'), '(int)4'],
    ['labels', filled('int y = 5;', n => `l${n}:`, ' y'), '(int)5'],
    [
      'functions',
      filled('int f0(int x){return x;}', n => `int f${n + 1}(int x){return f${n}(x)+1;}`, 'f9(6)'),
      '(int)15',
    ],
    ['macros', filled('#define A 1\nint x=0;', () => 'x+=A;', 'x'), '(int)13103'],
    ['blocks', filled('', () => '{}', '6'), '(int)6'],
  ])('a program full of %s is compiled and run', (_what, program, text) => {
    expect(program.length).toBeGreaterThan(PROGRAM_LIMIT_BYTES - 64);
    const { ending } = runToEnd(compiler.plan(program, 'unread'));
    expect(ending.text).toBe(text);
  });

  test('the longest chain of calls is verified', () => {
    const chain = Array.from({ length: 1200 }, (_, n) => `int f${n + 1}(int x){return f${n}(x)+1;}`);
    verifyIr(compiler.compile(`int f0(int x){return x;}${chain.join('')}f1200(1)`, 'farcall_test').ir);
  });
});

test('thousands of names are found in the types of a kernel, and thousands of others are not', () => {
  const builder = new BtfBuilder();
  const count = 2000;
  for (let n = 0; n < count; n++) builder.struct(`record_${n}`, n + 1, []);
  const btf = new Btf(builder.build());
  for (let n = 0; n < count; n++) {
    const found = btf.find(`record_${n}`, BTF_KIND.STRUCT);
    expect(found.map(id => btf.size(id))).toEqual([n + 1]);
    expect(btf.find(`ecord_${n}`, BTF_KIND.STRUCT)).toEqual([]);
    expect(btf.find(`record_${n}x`, BTF_KIND.STRUCT)).toEqual([]);
  }
});

test('a string that stands twice in a blob, as in what gcc writes, is found where it stands first', () => {
  const bytes = Buffer.from('\0one\0two\0one\0');
  const index = new StringIndex(bytes, 0, bytes.length);
  expect(['one', 'two', '', 'on', 'wo'].map(name => index.find(name))).toEqual([
    1,
    5,
    0,
    undefined,
    undefined,
  ]);
});
