import { parseArgs } from 'node:util';
import { FarcallError } from '../../shared/errors/index.ts';
import { asciiJson } from '../../shared/json/index.ts';
import { FUEL_DEFAULT } from '../../shared/messages/index.ts';
import { openHostKernel } from '../host-kernel/index.ts';
import { helpText } from './help-text.ts';
import { withOwnLibrary } from './own-library.ts';
import { planText } from './plan-text.ts';
import { fuelOf, timeoutMsOf } from './timeout.ts';

/** What `--help` prints. */
export const PLAN_HELP = `farcall-agent plan [OPTIONS] PROGRAM

Prints what PROGRAM would do in the kernel of this host now: every call and write with its values, the rows that it would
report, and how it would end. The command reads the kernel's memory. It calls, writes and loads nothing, so the result of a
call is not known: it is shown as ?. If the path of the program depends on such a result, the plan ends there. Needs root.

  --timeout SECONDS  stop after this long (default 30)
  --fuel TURNS       how often its loops may turn in all (default 10000000)
  --json             print one JSON object
  --help             this text

  farcall-agent plan 'for_each_task (t) if (t->__state & 2) wake_up_process(t);'
`;

const OPTIONS = {
  timeout: { type: 'string', default: '30' },
  fuel: { type: 'string', default: String(FUEL_DEFAULT) },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * `farcall-agent plan`. Throws FarcallError for what is wrong with the arguments, the program or this host.
 */
export async function planCommand(args: readonly string[]): Promise<void> {
  const { values, program, timeoutMs, fuel } = parse(args);
  if (values.help) {
    process.stdout.write(helpText(PLAN_HELP));
    return;
  }
  const kernel = openHostKernel();
  const plan = await kernel.plan(withOwnLibrary(program), {
    moduleName: `farcall_call_${process.pid}`,
    timeoutMs,
    fuel,
  });
  process.stdout.write(values.json ? `${asciiJson(plan)}\n` : planText(plan));
}

function parse(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (!values.help && positionals.length !== 1)
      throw new Error(`expected one program, in quotes; got ${positionals.length}`);
    return {
      values,
      program: positionals[0] ?? '',
      timeoutMs: timeoutMsOf(values.timeout),
      fuel: fuelOf(values.fuel),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FarcallError('CONFIG_INVALID', `plan: ${reason}; see farcall-agent plan --help`, { cause });
  }
}
