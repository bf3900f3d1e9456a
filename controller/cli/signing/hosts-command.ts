import { asciiJson } from '../../../shared/json/index.ts';
import { type HostFacts, hostFactsCodec } from '../../../shared/messages/index.ts';
import {
  enforcesSignatures,
  signingSummaryText,
  summariseSigning,
} from '../../../shared/module-signing/index.ts';
import { printable } from '../../views/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { renderTable } from '../output/table.ts';

const HOSTS_LIMIT_MS = 60_000;

/**
 * Lists hosts by whether their kernels take modules that the certificate in `file` verifies; the check of an
 * enrolment.
 */
export async function signingHosts(
  context: CliContext,
  { file, selector }: { readonly file: string; readonly selector: string },
  options: CommonOptions,
): Promise<ExitCode> {
  const { readModuleCertificate } = await import('../../../shared/cms/index.ts');
  const certificate = readModuleCertificate(file);
  const anchor = { name: printable(certificate.name), keyId: certificate.keyId };
  return withSession(context, options, async ({ client }) => {
    const { terminal } = context;
    const hosts: HostFacts[] = [];
    for await (const { facts } of client.stream('listHosts', { selector }, HOSTS_LIMIT_MS))
      hosts.push(hostFactsCodec.decode(facts));
    const summary = summariseSigning(hosts, anchor);
    if (options.json) {
      const each = hosts.map(facts => ({
        host: facts.host,
        ...factsForPrograms(facts),
        loads: loads(facts, anchor.keyId),
      }));
      terminal.print(asciiJson({ ...summary, certificate: anchor, each }));
      return EXIT.ok;
    }
    const rows = hosts.map(facts => hostRow(facts, anchor.keyId));
    const headers = ['HOST', 'KERNEL', 'SIGNATURES', 'LOCKDOWN', 'SECURE BOOT', `TRUSTS ${anchor.name}`];
    for (const line of renderTable({ headers, rows, flexible: 1, width: terminal.columns }))
      terminal.print(line);
    const text = signingSummaryText(summary);
    if (text !== '') terminal.print(text);
    return EXIT.ok;
  });
}

function factsForPrograms(facts: HostFacts) {
  const { lockdown, secureBoot = null, modulesDisabled, signing } = facts;
  return {
    enforces: enforcesSignatures(facts),
    lockdown,
    secureBoot,
    modulesDisabled,
    trusts: signing?.keys ?? null,
  };
}

function hostRow(facts: HostFacts, keyId: string) {
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
  if (!signing) return 'does not say';
  return signing.keys.some(key => key.keyId === keyId) ? 'yes' : 'no';
}

/** Whether a module that the certificate verifies would be taken; null where the host does not say. */
function loads(facts: HostFacts, keyId: string): boolean | null {
  if (facts.modulesDisabled) return false;
  if (!enforcesSignatures(facts)) return true;
  return facts.signing ? facts.signing.keys.some(key => key.keyId === keyId) : null;
}
