import type { PointerFacts } from '../../../shared/messages/index.ts';
import { typeToC } from '../ctype/index.ts';
import type { PermittedFunction, PermittedFunctions } from '../ir/index.ts';

/** Permitted functions, and what was asked of them. */
export interface RecordingPermitted {
  readonly permitted: PermittedFunctions;
  /** Every answer, each once, by the spelling of its prototype. */
  recorded(): PointerFacts[];
}

/** Records what is asked of `permitted`. Each prototype is searched for once. */
export function recordPermitted(permitted: PermittedFunctions): RecordingPermitted {
  const answers = new Map<string, readonly PermittedFunction[]>();
  return {
    permitted(prototype) {
      const spelled = typeToC(prototype);
      const answer = answers.get(spelled) ?? permitted(prototype);
      answers.set(spelled, answer);
      return answer;
    },
    recorded: () =>
      [...answers]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([prototype, functions]) => ({ prototype, functions: functions.map(toFact) })),
  };
}

function toFact({ name, module = '', address }: PermittedFunction): PointerFacts['functions'][number] {
  return { name, module, address: address.toString(16) };
}

/** The function that a fact tells of. */
export function toFunction({ name, module, address }: PointerFacts['functions'][number]): PermittedFunction {
  return { name, module: module === '' ? undefined : module, address: BigInt(`0x${address}`) };
}
