import type {
  BlockValue,
  HandlerInstruction,
  Instruction,
  IrProgram,
  PointerCheck,
  Temp,
  Terminator,
} from './ir.ts';

/** The program as text, one instruction a line, for `--dry-run`, tests and people who debug the compiler. */
export function printIr(program: IrProgram): string {
  const { blocks, data, localBytes, resultBytes, rowsBytes, cleanup, pointerChecks } = program;
  const sizes = [`data ${data.length} bytes`, `result ${resultBytes} bytes`];
  if (localBytes > 0) sizes.push(`locals ${localBytes} bytes`);
  if (rowsBytes > 0) sizes.push(`rows ${rowsBytes} bytes`);
  if (cleanup !== undefined) sizes.push(`cleanup b${cleanup}`);
  const lines = [`; ${sizes.join(', ')}`];
  for (const [index, { instructions, terminator }] of blocks.entries()) {
    lines.push(`b${index}:`);
    for (const instruction of instructions) lines.push(`    ${printInstruction(instruction)}`);
    lines.push(`    ${printTerminator(terminator)}`);
  }
  for (const [index, check] of pointerChecks.entries()) lines.push(`check${index}: ${printCheck(check)}`);
  for (const [index, handler] of program.handlers.entries()) {
    lines.push(`handler${index}:`);
    lines.push(printIr({ ...handler, resultBytes: 0, rowsBytes: 0, handlers: [] }).trimEnd());
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
    case 'local':
      return `t${instruction.to} = local+${instruction.offset}`;
    case 'load':
      return `t${instruction.to} = load${instruction.bytes * 8} local+${instruction.offset}`;
    case 'store':
      return `store${instruction.bytes * 8} local+${instruction.offset}, t${instruction.from}`;
    case 'move':
      return `move local+${instruction.to}, local+${instruction.from}, ${instruction.bytes}`;
    case 'zero':
      return `zero local+${instruction.offset}, ${instruction.bytes}`;
    case 'read':
      return `t${instruction.to} = read${instruction.bytes * 8} [t${instruction.address}]`;
    case 'write':
      return `write${instruction.bytes * 8} [t${instruction.address}], t${instruction.from}`;
    case 'read-block':
      return `read-block local+${instruction.to}, [t${instruction.address}], ${instruction.bytes}`;
    case 'write-block':
      return `write-block [t${instruction.address}], local+${instruction.from}, ${instruction.bytes}`;
    case 'read-string':
      return `read-string local+${instruction.to}, [t${instruction.address}], ${instruction.bytes}`;
    case 'symbol-name':
      return `symbol-name local+${instruction.to}, t${instruction.address}, ${instruction.bytes}`;
    case 'exchange': {
      const { to, address, expected, desired, bytes } = instruction;
      return `t${to} = exchange${bytes * 8} [t${address}], t${expected}, t${desired}`;
    }
    case 'call': {
      const { to, block, target, args, check } = instruction;
      const callee = typeof target === 'number' ? `[t${target} check${check}]` : target.name;
      const call = `call ${callee}(${args.map(printArgument).join(', ')})`;
      if (block) return `${printArgument(block)} = ${call}`;
      return to === undefined ? call : `t${to} = ${call}`;
    }
    case 'check-pointer':
      return `check${instruction.check} t${instruction.value}`;
    case 'next-task':
      return `t${instruction.to}, t${instruction.number} = next-task t${instruction.least}`;
    case 'result':
      return `result+${instruction.offset} = t${instruction.from}`;
    case 'result-block':
      return `result-block local+${instruction.from}, ${instruction.bytes}`;
    case 'row':
      return `row ${instruction.reportIndex}, local+${instruction.from}, ${instruction.bytes}`;
    case 'fuel':
      return 'fuel';
    case 'watch':
      return `${instruction.kind} ${instruction.name}`;
    default:
      return printInHandler(instruction);
  }
}

function printInHandler(instruction: HandlerInstruction): string {
  switch (instruction.op) {
    case 'handler':
      return `t${instruction.to} = handler${instruction.handler}`;
    case 'shared':
      return `t${instruction.to} = shared+${instruction.offset}`;
    case 'area':
      return `t${instruction.to} = area.${instruction.what}`;
    case 'load-at':
      return `t${instruction.to} = load${instruction.bytes * 8} [t${instruction.address}]`;
    case 'store-at':
      return `store${instruction.bytes * 8} [t${instruction.address}], t${instruction.from}`;
    case 'add-at':
      return `t${instruction.to} = add [t${instruction.address}], t${instruction.value}`;
    case 'parameters':
      return `parameters ${instruction.params.map(param => (typeof param === 'number' ? `local+${param}` : printArgument(param))).join(', ')}`;
    case 'divert':
      return `divert t${instruction.value}`;
    case 'current':
    case 'returned':
    case 'instance':
    case 'registers':
    case 'third':
      return `t${instruction.to} = ${instruction.op}`;
  }
}

function printCheck({ permitted, isNamed, mayBeNull }: PointerCheck): string {
  const names = permitted.map(({ name }) => name).join(', ');
  return `${isNamed ? 'named' : 'indirect'}${mayBeNull ? ', or 0' : ''}: ${names}`;
}

function printArgument(argument: Temp | BlockValue): string {
  if (typeof argument === 'number') return `t${argument}`;
  return `block(local+${argument.offset}, ${argument.bytes})`;
}

function printTerminator(terminator: Terminator): string {
  switch (terminator.op) {
    case 'jump':
      return `jump b${terminator.target}`;
    case 'branch':
      return `branch t${terminator.condition} ? b${terminator.then} : b${terminator.otherwise}`;
    case 'end':
      return `end ${terminator.end} at ${terminator.sourceOffset}`;
    case 'fault':
      return `fault [t${terminator.address}] at ${terminator.sourceOffset}`;
    case 'leave':
      return terminator.isDiverted ? 'leave diverted' : 'leave';
  }
}
