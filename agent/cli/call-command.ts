import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FarcallError } from '../../shared/errors/index.ts';
import { asciiJson } from '../../shared/json/index.ts';
import { FUEL_DEFAULT } from '../../shared/messages/index.ts';
import { type CompiledModule, type CompiledRead, printIr } from '../compiler/index.ts';
import { type HostKernel, openHostKernel } from '../host-kernel/index.ts';
import { runRead } from '../interpret/index.ts';
import { ModuleLoader, type ModuleLoadOptions } from '../load/index.ts';
import { localSigner } from '../signing/index.ts';
import type { LoadReport } from '../stages/index.ts';
import { moduleLoadingProblem } from '../stages/index.ts';
import { withOwnLibrary } from './own-library.ts';
import { reportJson, reportText, warningsText } from './report-text.ts';
import { fuelOf, timeoutMsOf } from './timeout.ts';

/** What `--help` prints. */
export const CALL_HELP = `farcall-agent call [OPTIONS] PROGRAM

Compiles PROGRAM against the kernel of this host, runs it in that kernel, and prints its rows and its value. If PROGRAM only
reads, the agent interprets it over the kernel's memory and loads nothing. This command is for one person on one host: no
approver signs the call, and the journal does not record it. It needs root (CAP_SYS_MODULE, CAP_SYSLOG, CAP_SYS_RAWIO).
Exits with 0 if the program returned or was skipped, and with 1 if it failed.

  --dry-run          run nothing; print prototypes, addresses, the intermediate code and the machine code
  --timeout SECONDS  report the call as timed-out after this long (default 30)
  --fuel TURNS       how often its loops may turn in all (default 10000000)
  --json             print one JSON object
  --times            print where the time went
  --module-key FILE  sign the module with this key (PEM, or a pkcs11: URI)
  --module-certificate FILE
                     the certificate of that key
  --help             this text

  farcall-agent call '_printk("Hello, world %d\\n", 1234)'
  farcall-agent call 'for_each_task (t) if (t->__state & 2) report(t->pid, t->comm);'
  farcall-agent call --dry-run 'wake_up_process(find_get_task_by_vpid(4242))'
`;

const OPTIONS = {
  'dry-run': { type: 'boolean', default: false },
  timeout: { type: 'string', default: '30' },
  fuel: { type: 'string', default: String(FUEL_DEFAULT) },
  json: { type: 'boolean', default: false },
  times: { type: 'boolean', default: false },
  'module-key': { type: 'string' },
  'module-certificate': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * `farcall-agent call`. Throws FarcallError for what is wrong with the arguments, the program or this host;
 * any outcome except `returned` and `skipped` makes the exit code 1.
 */
export async function callCommand(args: readonly string[]): Promise<void> {
  const { values, program, timeoutMs, fuel } = parse(args);
  if (values.help) return print(CALL_HELP);
  const sign = signerOf(values);
  const startedAt = performance.now();
  const kernel = openHostKernel();
  const openMs = performance.now() - startedAt;
  const call = kernel.compile(withOwnLibrary(program), `farcall_call_${process.pid}`, {
    signed: sign !== undefined,
    fuel,
  });
  const compileMs = performance.now() - startedAt - openMs;
  process.stderr.write(warningsText(call));
  if (values['dry-run']) return print(values.json ? dryRunJson(call) : dryRunText(call));
  const report = await runOnce(kernel, call, { timeoutMs, sign });
  print(values.json ? reportJson(report, call) : reportText(report));
  if (values.times) print(timesText(report, { openMs, compileMs }));
  if (report.outcome !== 'returned' && report.outcome !== 'skipped') process.exitCode = 1;
}

function parse(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (!values.help && positionals.length !== 1) {
      throw new Error(`expected one program, in quotes; got ${positionals.length}`);
    }
    return {
      values,
      program: positionals[0] ?? '',
      timeoutMs: timeoutMsOf(values.timeout),
      fuel: fuelOf(values.fuel),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FarcallError('CONFIG_INVALID', `call: ${reason}; see farcall-agent call --help`, { cause });
  }
}

/** Reports what is missing before anything is tried, rather than by an errno afterwards. */
function refuseWhereImpossible(kernel: HostKernel, signed: boolean): void {
  const why = moduleLoadingProblem(kernel.facts(), { signed });
  if (why) throw new FarcallError('PERMISSION', `call: ${why}`);
}

async function runOnce(
  kernel: HostKernel,
  call: CompiledModule | CompiledRead,
  { timeoutMs, sign }: RunOptions,
): Promise<LoadReport> {
  if (!call.image) {
    using memory = kernel.openMemory();
    return await runRead(call, { memory, timeoutMs });
  }
  refuseWhereImpossible(kernel, sign !== undefined);
  return loadOnce(kernel, call, { timeoutMs, signature: await sign?.(call.image) });
}

type SignImage = ReturnType<typeof localSigner>;

interface RunOptions {
  readonly timeoutMs: number;
  readonly sign: SignImage | undefined;
}

function signerOf(values: {
  readonly 'module-key'?: string | undefined;
  readonly 'module-certificate'?: string | undefined;
}): SignImage | undefined {
  const { 'module-key': key, 'module-certificate': certificateFile } = values;
  if (key !== undefined && certificateFile !== undefined) return localSigner({ key, certificateFile });
  if (key === undefined && certificateFile === undefined) return undefined;
  throw new FarcallError('CONFIG_INVALID', 'call: --module-key and --module-certificate go together');
}

async function loadOnce(
  kernel: HostKernel,
  call: CompiledModule,
  options: ModuleLoadOptions,
): Promise<LoadReport> {
  const directory = mkdtempSync(join(tmpdir(), 'farcall-call-'));
  const loader = new ModuleLoader({ arch: kernel.arch, directory, openMemory: () => kernel.openMemory() });
  try {
    return await loader.load(call, options);
  } finally {
    loader.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function timesText(
  { spawnUs, loadUs }: LoadReport,
  { openMs, compileMs }: { openMs: number; compileMs: number },
): string {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const start = performance.now();
  return `times: open kernel ${ms(openMs)}, compile ${ms(compileMs)}, spawn ${ms(spawnUs / 1000)}, load ${ms(loadUs / 1000)}, process ${ms(start)}\n`;
}

function dryRunText(call: CompiledModule | CompiledRead): string {
  const calls = call.callees.map(({ prototype, address }) => `  0x${address.toString(16)}  ${prototype};`);
  return [
    'calls:',
    ...calls,
    '',
    'intermediate code:',
    printIr(call.ir).trimEnd(),
    '',
    ...(call.image ? moduleText(call) : ['it only reads: interpreted, no module; nothing was run']),
    '',
  ].join('\n');
}

function moduleText({ image, text, objdumpMachine, moduleName }: CompiledModule): string[] {
  const hex = Buffer.from(text)
    .toString('hex')
    .replace(/(.{64})/g, '$1\n  ');
  return [
    `machine code of init, ${text.length} bytes (xxd -r -p | objdump -D -b binary -m ${objdumpMachine} /dev/stdin):`,
    `  ${hex}`,
    '',
    `module ${moduleName}: ${image.length} bytes; nothing was loaded`,
  ];
}

function dryRunJson(call: CompiledModule | CompiledRead): string {
  const { moduleName, callees, warnings } = call;
  const calls = callees.map(({ address, ...rest }) => ({ ...rest, address: `0x${address.toString(16)}` }));
  const module = call.image && {
    code: Buffer.from(call.text).toString('hex'),
    image: Buffer.from(call.image).toString('base64'),
  };
  return `${asciiJson({ moduleName, calls, warnings, ...module })}\n`;
}

function print(text: string): void {
  process.stdout.write(text);
}
