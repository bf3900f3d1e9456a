import type { IrOperator } from '../../ir/index.ts';
import { type Assembler, COND, type Cond, REG } from './assembler.ts';

const { x0, x1, x2 } = REG;

/**
 * x0 = x0 operator x1. The least number divided by -1 is itself, and its rest 0, without a trap (Arm ARM,
 * SDIV).
 */
export function emitOperator(asm: Assembler, operator: IrOperator): void {
  switch (operator) {
    case 'add':
    case 'sub':
    case 'and':
      return asm.arithmetic(operator, x0, x0, x1);
    case 'or':
      return asm.arithmetic('orr', x0, x0, x1);
    case 'xor':
      return asm.arithmetic('eor', x0, x0, x1);
    case 'mul':
      return asm.mul(x0, x0, x1);
    case 'udiv':
    case 'sdiv':
      return asm.divide(operator, x0, x0, x1);
    case 'urem':
      return emitRest(asm, 'udiv');
    case 'srem':
      return emitRest(asm, 'sdiv');
    case 'shl':
      return asm.shift('lsl', x0, x0, x1);
    case 'shr':
      return asm.shift('lsr', x0, x0, x1);
    case 'sar':
      return asm.shift('asr', x0, x0, x1);
    case 'eq':
      return emitCompare(asm, COND.eq);
    case 'ne':
      return emitCompare(asm, COND.ne);
    case 'slt':
      return emitCompare(asm, COND.lt);
    case 'sle':
      return emitCompare(asm, COND.le);
    case 'ult':
      return emitCompare(asm, COND.cc);
    case 'ule':
      return emitCompare(asm, COND.ls);
  }
}

function emitCompare(asm: Assembler, condition: Cond): void {
  asm.cmp(x0, x1);
  asm.cset(x0, condition);
}

function emitRest(asm: Assembler, division: 'udiv' | 'sdiv'): void {
  asm.divide(division, x2, x0, x1);
  asm.msub(x0, x2, x1, x0);
}
