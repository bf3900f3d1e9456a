import { createHash } from 'node:crypto';
import { withOwnLibrary } from '../../../agent/cli/own-library.ts';
import {
  type CompiledModule,
  type Compiler,
  NONE_PERMITTED,
  type PermittedFunctions,
} from '../../../agent/compiler/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { ProgramStep } from './programs-in-guest.ts';

/** A compiled program, and the names that had to be declared for it. */
export interface CompiledStep {
  readonly call: CompiledModule;
  readonly declared: readonly string[];
}

/**
 * Compiles with those declarations of the step that the compiler asks for. Pointers may hold what `permitted`
 * has. Throws what the compiler throws.
 */
export function compileStep(
  compiler: Compiler,
  step: ProgramStep,
  moduleName: string,
  permitted: PermittedFunctions = NONE_PERMITTED,
): CompiledStep {
  const { program, declare = {} } = step;
  const declared: string[] = [];
  for (let text = program; ; ) {
    try {
      return { call: compiler.compile(withOwnLibrary(text), moduleName, permitted), declared };
    } catch (error) {
      const name = error instanceof FarcallError ? nameToDeclare(error, Object.keys(declare)) : undefined;
      if (name === undefined || declared.includes(name)) throw error;
      declared.push(name);
      text = `${declare[name]} ${text.replaceAll(name, name.replace(/@.*/, ''))}`;
    }
  }
}

/** The SHA-256 of the module that comes of the step, or the code of the error. */
export function digestOfStep(compiler: Compiler, step: ProgramStep): string {
  try {
    const { call } = compileStep(compiler, step, 'farcall_test_same');
    return createHash('sha256').update(call.image).digest('hex');
  } catch (error) {
    if (error instanceof FarcallError) return error.code;
    throw error;
  }
}

function nameToDeclare({ message }: FarcallError, names: readonly string[]): string | undefined {
  if (!/declare (it|the right one)/.test(message)) return undefined;
  return names.find(
    name => message.includes(`'${name}'`) || message.includes(`'${name.replace(/@.*/, '')}'`),
  );
}
