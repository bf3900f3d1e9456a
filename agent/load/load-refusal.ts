import { errnoName } from '../../shared/errno/index.ts';
import type { ErrorCode } from '../../shared/errors/index.ts';
import type { OutcomeError } from '../../shared/messages/index.ts';

/** The circumstances of a refusal by init_module. */
export interface LoadRefusalContext {
  /** Whether the module carried a signature. */
  readonly signed: boolean;
  /** Lines that the kernel logged during the call; empty if the log cannot be read. */
  readonly kernelLog: readonly string[];
}

interface Meaning {
  readonly code: ErrorCode;
  readonly text: string;
}

const UNSIGNED: Meaning = {
  code: 'MODULE_UNSIGNED',
  text: 'this kernel takes signed modules only (Secure Boot or module.sig_enforce), and the module was not signed; let the host policy sign (moduleSigning: controller or local)',
};
const KEY_UNKNOWN: Meaning = {
  code: 'MODULE_KEY_UNKNOWN',
  text: 'this kernel knows no key for the signature of the module; farcall signing key enrol-help says how the certificate gets into its keyrings, and that takes a reboot',
};
const BAD_SIGNATURE: Meaning = {
  code: 'MODULE_SIGNATURE',
  text: 'the signature of the module does not hold, or is not of a form that this kernel reads: module or signature were changed, or the key is ECDSA and the kernel older than 6.12',
};
const LOCKED_DOWN: Meaning = {
  code: 'MODULE_LOCKED_DOWN',
  text: 'this kernel is locked down and takes signed modules only, and the module was not signed; let the host policy sign (moduleSigning: controller or local)',
};

/**
 * The kernel's log messages that say more than the errno (module_sig_check, kernel/module/signing.c, v6.12;
 * security_locked_down, security/lockdown/lockdown.c, v6.12).
 */
const LOG_SAYS: readonly (readonly [RegExp, (context: LoadRefusalContext) => Meaning])[] = [
  [/Loading of unsigned module is rejected/, () => UNSIGNED],
  [/Loading of module with unavailable key is rejected/, () => KEY_UNKNOWN],
  [/Loading of module with unsupported crypto is rejected/, () => BAD_SIGNATURE],
  [/unsigned module loading is restricted/, ({ signed }) => (signed ? KEY_UNKNOWN : LOCKED_DOWN)],
];

const refused = (text: string): Meaning => ({ code: 'MODULE_REFUSED', text });

/**
 * What the errno means if the log does not say more. The kernel logs nothing if it refuses a bad signature by
 * a known key.
 */
const ERRNO_SAYS: Readonly<Record<string, (context: LoadRefusalContext) => Meaning>> = {
  EKEYREJECTED: ({ signed }) => (signed ? BAD_SIGNATURE : UNSIGNED),
  EPERM: () =>
    refused(
      'the agent lacks CAP_SYS_MODULE, kernel.modules_disabled is set, or lockdown forbids unsigned modules',
    ),
  EBADMSG: () => BAD_SIGNATURE,
  ENOKEY: () => KEY_UNKNOWN,
  ENOPKG: () => BAD_SIGNATURE,
  ENOEXEC: () => ({
    code: 'MODULE_WRONG_BUILD',
    text: 'the kernel does not take the image: its vermagic, CRC or struct module differ from what the agent found; the kernel log says which. Was the kernel replaced by another boot?',
  }),
  EEXIST: () => refused('a module of this name is already in the kernel'),
  ENOMEM: () => refused('the kernel has no memory for the module'),
  EFAULT: () => refused('the kernel could not read the module'),
  EACCES: () => refused('an IMA policy of this host asks for modules from files'),
};

/**
 * What a refusal by init_module means for a module of farcall, what to do, and the line of the log that says
 * so.
 */
export function loadRefusal(errno: number, context: LoadRefusalContext): OutcomeError {
  const name = errnoName(errno) ?? `errno ${errno}`;
  const { meaning, line } = meaningOf(name, context);
  const quoted = line === undefined ? '' : `; the kernel says: ${line}`;
  return { code: meaning.code, message: `init_module: -${name}: ${meaning.text}${quoted}` };
}

function meaningOf(
  name: string,
  context: LoadRefusalContext,
): { readonly meaning: Meaning; readonly line?: string | undefined } {
  for (const [pattern, meaning] of LOG_SAYS) {
    const line = context.kernelLog.find(each => pattern.test(each));
    if (line !== undefined) return { meaning: meaning(context), line };
  }
  const meaning = ERRNO_SAYS[name]?.(context) ?? refused('the kernel log may say why');
  return { meaning, line: name === 'ENOEXEC' ? context.kernelLog[0] : undefined };
}
