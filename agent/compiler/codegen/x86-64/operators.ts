import type { IrOperator } from '../../ir/index.ts';
import { type Assembler, CC, type Cc, REG } from './assembler.ts';

/** %rax = %rax operator %rcx. */
export function emitOperator(asm: Assembler, operator: IrOperator): void {
  switch (operator) {
    case 'add':
    case 'sub':
    case 'and':
    case 'or':
    case 'xor':
      return asm.arithmetic(operator, REG.rax, REG.rcx);
    case 'mul':
      return asm.imul(REG.rax, REG.rcx);
    case 'udiv':
    case 'urem':
      return emitUnsignedDivision(asm, operator);
    case 'sdiv':
    case 'srem':
      return emitSignedDivision(asm, operator);
    case 'shl':
    case 'shr':
    case 'sar':
      return asm.shift(operator, REG.rax);
    case 'eq':
      return emitCompare(asm, CC.e);
    case 'ne':
      return emitCompare(asm, CC.ne);
    case 'slt':
      return emitCompare(asm, CC.l);
    case 'sle':
      return emitCompare(asm, CC.le);
    case 'ult':
      return emitCompare(asm, CC.b);
    case 'ule':
      return emitCompare(asm, CC.be);
  }
}

function emitCompare(asm: Assembler, condition: Cc): void {
  asm.arithmetic('cmp', REG.rax, REG.rcx);
  asm.setAl(condition);
  asm.zeroExtendRax(8);
}

function emitUnsignedDivision(asm: Assembler, operator: 'udiv' | 'urem'): void {
  asm.movImm(REG.rdx, 0n);
  asm.div(REG.rcx);
  if (operator === 'urem') asm.movRegReg(REG.rax, REG.rdx);
}

/** idiv traps on the least number divided by -1; that quotient is the negation, and the rest 0. */
function emitSignedDivision(asm: Assembler, operator: 'sdiv' | 'srem'): void {
  const [byMinusOne, done] = [asm.label(), asm.label()];
  asm.arithmeticImm('cmp', REG.rcx, -1);
  asm.jcc(CC.e, byMinusOne);
  asm.cqto();
  asm.idiv(REG.rcx);
  if (operator === 'srem') asm.movRegReg(REG.rax, REG.rdx);
  asm.jmp(done);
  asm.bind(byMinusOne);
  if (operator === 'srem') asm.movImm(REG.rax, 0n);
  else asm.neg(REG.rax);
  asm.bind(done);
}
