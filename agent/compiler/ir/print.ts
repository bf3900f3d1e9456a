import type { Instruction, IrProgram, Terminator } from './ir.ts';

/** The program as text, one instruction a line, for `--dry-run`, tests and people who debug the compiler. */
export function printIr({ blocks, data, resultBytes }: IrProgram): string {
  const lines = [`; data ${data.length} bytes, result ${resultBytes} bytes`];
  for (const [index, { instructions, terminator }] of blocks.entries()) {
    lines.push(`b${index}:`);
    for (const instruction of instructions) lines.push(`    ${printInstruction(instruction)}`);
    lines.push(`    ${printTerminator(terminator)}`);
  }
  return `${lines.join('\n')}\n`;
}

function printInstruction(instruction: Instruction): string {
  switch (instruction.op) {
    case 'const':
      return `t${instruction.to} = const 0x${instruction.value.toString(16)}`;
    case 'data':
      return `t${instruction.to} = data+${instruction.offset}`;
    case 'copy':
      return `t${instruction.to} = t${instruction.from}`;
    case 'binary':
      return `t${instruction.to} = ${instruction.operator} t${instruction.left}, t${instruction.right}`;
    case 'extend':
      return `t${instruction.to} = ${instruction.signed ? 'sext' : 'zext'}${instruction.bits} t${instruction.from}`;
    case 'call': {
      const args = instruction.args.map(arg => `t${arg}`).join(', ');
      const call = `call ${instruction.target.name}(${args})`;
      return instruction.to === undefined ? call : `t${instruction.to} = ${call}`;
    }
    case 'result':
      return `result+${instruction.offset} = t${instruction.from}`;
  }
}

function printTerminator(terminator: Terminator): string {
  switch (terminator.op) {
    case 'jump':
      return `jump b${terminator.target}`;
    case 'branch':
      return `branch t${terminator.condition} ? b${terminator.then} : b${terminator.otherwise}`;
    case 'end':
      return `end ${terminator.end} at ${terminator.place}`;
  }
}
