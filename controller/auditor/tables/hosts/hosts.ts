import { keyId, publicJwkSchema } from '../../../../shared/tokens/index.ts';
import { auditDigest, type Schema } from '../../../store/index.ts';
import type { ReplayedHost } from '../../replay/index.ts';
import {
  compareCheckpoint,
  parseJson,
  type ReportFinding,
  type TableCheck,
  type VerifyContext,
} from '../../replay/index.ts';
import type { FactsStatement } from '../../statements/index.ts';
import { signedFactsOf } from './host-contacts.ts';

type Row = Schema['hosts'];

/**
 * A host's row: its key is the one by which it was enrolled when it spoke last, its facts are those that the
 * log tells of last, signed by that key.
 */
export const hostsCheck: TableCheck<Row> = {
  keyOf: ({ name }) => [name],
  recorded: 'every',
  async check(row, context, report) {
    context.replay.put(['facts-signed', row.name], signedFactsOf(row));
    const recorded = context.replay.get<ReplayedHost>(['hosts', row.name]);
    if (!recorded || !checkKey(row, recorded, report)) return;
    checkColumns(row, recorded, report);
    const verdict = await context.statements.check({
      site: context.trust.site,
      what: 'facts',
      host: row.name,
      publicJwk: row.public_jwk,
      bytes: row.facts,
      signature: row.facts_signature,
      nowMs: recorded.factsMs,
    });
    if (verdict.problem !== undefined) report('signature', `its facts: ${verdict.problem}`);
    if (verdict.facts) await checkFacts(row, verdict.facts, context, report);
  },
};

function checkKey(row: Row, recorded: ReplayedHost, report: ReportFinding): boolean {
  const jwk = publicJwkSchema.safeParse(parseJson(row.public_jwk));
  const kid = jwk.success ? keyId(jwk.data) : undefined;
  if (row.kid === recorded.kid && kid === recorded.kid && JSON.stringify(jwk.data) === row.public_jwk)
    return true;
  report('content', `its key is not ${recorded.kid}, with which it spoke last according to the audit log`);
  return false;
}

function checkColumns(row: Row, recorded: ReplayedHost, report: ReportFinding): void {
  if (auditDigest(row.facts) !== recorded.facts)
    report('digest', 'its facts are not those that the log records');
  if (auditDigest(row.facts_signature) !== recorded.signature)
    report('digest', "the token over its facts is not the log's");
  if (row.first_seen_ms !== recorded.firstSeenMs) report('content', 'it was first seen at another time');
}

async function checkFacts(
  row: Row,
  { host, publicKey, checkpoint }: FactsStatement,
  context: VerifyContext,
  report: ReportFinding,
): Promise<void> {
  if (host !== row.name) report('content', `its facts are those of ${host}`);
  const jwk = publicJwkSchema.safeParse(parseJson(publicKey));
  if (!jwk.success || keyId(jwk.data) !== row.kid) report('content', 'its facts name another key');
  if (checkpoint !== undefined)
    await compareCheckpoint(context, { token: checkpoint, table: 'hosts', key: row.name });
}
