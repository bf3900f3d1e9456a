import { asciiJson } from '../../../../shared/json/index.ts';
import { type HostFacts, hostFactsCodec } from '../../../../shared/messages/index.ts';
import {
  enforcesSignatures,
  signingSummaryText,
  summariseSigning,
} from '../../../../shared/module-signing/index.ts';
import { printable } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  hostsOf,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { type Cell, renderTable } from '../../output/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';

/** `farcall signing hosts`. */
export const addSigningHosts: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('hosts'))
    .summary('list which hosts trust a certificate')
    .description('Lists hosts, and whether their kernels load modules that a certificate verifies.')
    .argument('<file>', 'PEM or DER file of the certificate')
    .argument('[selector]', 'as in farcall request --hosts', '*');
  addHelp(command, {
    examples: ['signing hosts module.pem env=prod', 'signing hosts module.pem --json'],
    exits: REMOTE_EXITS,
  }).action(async (file: string, selector: string, options: CommonOptions) =>
    exitWith(await signingHosts(context, { file, selector }, options)),
  );
};

async function signingHosts(
  context: CliContext,
  { file, selector }: { readonly file: string; readonly selector: string },
  options: CommonOptions,
): Promise<ExitCode> {
  const { readModuleCertificate } = await import('../../../../shared/cms/index.ts');
  const certificate = readModuleCertificate(file);
  const anchor = { name: printable(certificate.name), keyId: certificate.keyId };
  return withSession(context, options, async ({ client }) => {
    const { terminal } = context;
    const hosts: HostFacts[] = [];
    for await (const { facts } of hostsOf(client, selector)) hosts.push(hostFactsCodec.decode(facts));
    const summary = summariseSigning(hosts, anchor);
    if (options.json) {
      const each = hosts.map(facts => ({
        host: facts.host,
        ...factsJson(facts),
        loads: loads(facts, anchor.keyId),
      }));
      terminal.print(asciiJson({ ...summary, certificate: anchor, each }));
      return EXIT.ok;
    }
    const rows = hosts.map(facts => hostRow(facts, anchor.keyId));
    const headers = ['HOST', 'KERNEL', 'SIGNATURES', 'LOCKDOWN', 'SECURE BOOT', `TRUSTS ${anchor.name}`];
    for (const line of renderTable({
      headers,
      rows,
      flexible: 1,
      droppable: [4, 3, 1],
      width: terminal.columns,
    }))
      terminal.print(line);
    const text = signingSummaryText(summary);
    if (text !== '') terminal.print(text);
    return EXIT.ok;
  });
}

function factsJson(facts: HostFacts) {
  const { lockdown, secureBoot = null, modulesDisabled, signing } = facts;
  return {
    enforces: enforcesSignatures(facts),
    lockdown,
    secureBoot,
    modulesDisabled,
    trusts: signing?.keys ?? null,
  };
}

function hostRow(facts: HostFacts, keyId: string): Cell[] {
  const { lockdown, secureBoot } = facts;
  return [
    { text: facts.host },
    { text: printable(facts.kernelRelease) },
    { text: enforcesSignatures(facts) ? 'enforced' : 'off' },
    { text: lockdown || '-' },
    { text: secureBoot === undefined ? '-' : secureBoot ? 'on' : 'off' },
    { text: trustText(facts, keyId) },
  ];
}

function trustText({ signing }: HostFacts, keyId: string): string {
  if (!signing) return 'not reported';
  return signing.keys.some(key => key.keyId === keyId) ? 'yes' : 'no';
}

/**
 * Whether the kernel would load a module that the certificate verifies. Null if the host does not report it.
 */
function loads(facts: HostFacts, keyId: string): boolean | null {
  if (facts.modulesDisabled) return false;
  if (!enforcesSignatures(facts)) return true;
  return facts.signing ? facts.signing.keys.some(key => key.keyId === keyId) : null;
}
