// A host without a network, for the tests of faults: `node one-host.cjs HOME`, joined into one file with
// fault-points.ts.
//
// Does what the agent does with orders and results, with the same code: settles what was interrupted, runs
// every order that HOME/orders has (twice, as after a redelivery), hands every result to HOME/delivered, and
// notes that it was committed. In FARCALL_TEST_STAGES=kernel the kernel is this machine's own; otherwise a
// load appends a line to HOME/loads.

import { appendFileSync, fsyncSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import type { OrderContext } from '../../../agent/context/index.ts';
import { kernelStages } from '../../../agent/host-kernel/index.ts';
import { openIdentity } from '../../../agent/identity/index.ts';
import { ForwardClock, Journal } from '../../../agent/journal/index.ts';
import { parseHostPolicy } from '../../../agent/policy/index.ts';
import { recoverInterrupted, runOrder } from '../../../agent/run-order/index.ts';
import { WriteLog } from '../../../agent/undo/index.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import { CounterSet } from '../../../shared/counters/index.ts';
import { callResultCodec, resultEnvelopeCodec } from '../../../shared/messages/index.ts';
import { readBundleFile } from '../../../shared/trust/index.ts';
import { OPEN_POLICY } from '../../agent/support/open-policy.ts';
import { RETURNED, standInStages } from '../../agent/support/stand-in-stages.ts';
import { SITE } from '../../kit/cast.ts';
import { step } from './fault-points.ts';

const [home = '.'] = process.argv.slice(2);
const stateDirectory = join(home, 'state');
const log = pino(
  { level: process.env['FARCALL_TEST_LOG'] ?? 'silent' },
  pino.destination({ dest: 2, sync: true }),
);

function standIn() {
  return standInStages({
    async load() {
      step('load begins');
      // The kernel's side: written through, so that it stands whatever becomes of this process.
      const loads = openSync(join(home, 'loads'), 'a');
      writeSync(loads, 'ran\n');
      fsyncSync(loads);
      step('load ends');
      // Longer than a page: on a full disk it cannot slip into the room that is left of the last one.
      return { ...RETURNED, kernelLog: Array.from({ length: 10 }, () => 'x'.repeat(1000)) };
    },
  });
}

function realKernel() {
  const stages = kernelStages({ stateDirectory, note: () => undefined });
  const { load } = stages;
  stages.load = async (...args) => {
    step('load begins');
    const report = await load(...args);
    step('load ends');
    return report;
  };
  return stages;
}

async function main(): Promise<void> {
  const stages = process.env['FARCALL_TEST_STAGES'] === 'kernel' ? realKernel() : standIn();
  const identity = openIdentity({ stateDirectory, host: 'web-01', site: SITE, labels: { env: 'test' } });
  const journal = Journal.open({ stateDirectory, host: 'web-01', log, compactAboveBytes: 1000 });
  const { bundle } = readBundleFile(join(home, 'trust.json'));
  const agent: OrderContext = {
    trust: { now: () => ({ bundle, bundleIsOver: false, statements: { confirmedAtMs: Date.now() } }) },
    policy: parseHostPolicy(JSON.stringify(OPEN_POLICY)),
    ...{ identity, journal, stages, log },
    kernelRelease: stages.facts().kernelRelease,
    unapprovedLimit: 100,
    writes: new WriteLog(stateDirectory, log),
    signer: { signs: () => false, signatureFor: async () => undefined },
    clock: new ForwardClock({ clock: systemClock, seenMs: journal.seenMs }),
    counters: new CounterSet(),
    admitted: async () => undefined,
    journalPosition: () => undefined,
    sayAborted: () => undefined,
    resultReady: () => undefined,
    tendDenies: () => undefined,
  };

  await recoverInterrupted(agent);
  const orders = readdirSync(join(home, 'orders')).sort();
  for (const name of [...orders, ...orders]) await runOrder(readFileSync(join(home, 'orders', name)), agent);
  for (const { resultDigest } of journal.pending()) {
    const envelope = journal.readResult(resultDigest);
    if (!envelope) continue;
    const { outcome, requestDigest } = callResultCodec.decode(resultEnvelopeCodec.decode(envelope).result);
    const line = { resultDigest, outcome, request: Buffer.from(requestDigest).toString('hex') };
    step('delivery begins');
    appendFileSync(join(home, 'delivered'), `${JSON.stringify(line)}\n`, { flush: true });
    journal.commit(resultDigest, Date.now());
  }
  process.exit(0);
}

void main();
