import type { ReactElement } from 'react';
import { formatWave, limitsText } from '../../../../../shared/rollout/index.ts';
import type { Rollout } from '../../api/index.ts';
import { count, duration, hosts, visible } from '../../text/index.ts';
import { At, Code, Copyable, EffectBadge, Facts, Icon } from '../../ui/index.ts';
import type { Signed } from './use-signed.ts';

/** What approvers sign, all of it and nothing else, read from the bytes. */
export function SignedPanel({ signed }: { readonly signed: Signed }): ReactElement {
  const { request, digestHex, sizeBytes } = signed;
  const { program, selector, reason, expectedHosts, expectedHostsDigest, rollout, planDigest, lateJoiners } =
    request;
  return (
    <section className="panel signed" aria-labelledby="signed">
      <div className="panel-head">
        <h2 id="signed">What is signed</h2>
        <span className="word">
          <Icon name="seal" size={14} /> read in your browser from the {count(sizeBytes)} bytes that are
          signed
        </span>
      </div>
      <Code program={program} label="Program" />
      <Facts
        entries={[
          ['hosts', <code key="h">{visible(selector)}</code>],
          expectedHosts === undefined ? undefined : ['expected', <b key="e">{hosts(expectedHosts)}</b>],
          expectedHostsDigest === undefined
            ? undefined
            : [
                'their names',
                <code key="n" className="hash">
                  sha256:{expectedHostsDigest}
                </code>,
              ],
          lateJoiners ? ['joiners', 'hosts that are enrolled later may run it too'] : undefined,
          ['requester', request.requester],
          [
            'reason',
            <span key="r" className="pre-wrap">
              {visibleLines(reason)}
            </span>,
          ],
          ['policy', request.policy],
          ['effect', <EffectBadge key="f" effect={request.effect} />],
          ['waves', <Waves key="w" rollout={rollout} />],
          rollout ? ['gate', gateText(rollout)] : undefined,
          rollout
            ? ['answers', `within ${duration(rollout.answerWithinMs)}; who is silent then is unreachable`]
            : undefined,
          ['timeout', duration(request.timeoutMs)],
          ['made', <At key="m" ms={request.createdAtMs} />],
          ['expires', <At key="x" ms={request.expiresAtMs} />],
          [
            'plan',
            planDigest === undefined ? (
              <span key="p" className="outcome tone-held">
                made without a plan
              </span>
            ) : (
              <code key="p" className="hash">
                sha256:{planDigest}
              </code>
            ),
          ],
        ]}
      />
      <div className="digest">
        <span className="field-label">Digest, computed here</span>
        <Copyable isBlock text={`sha256:${digestHex}`} label="the digest" />
      </div>
    </section>
  );
}

function Waves({ rollout }: { readonly rollout: Rollout | undefined }): ReactElement {
  if (!rollout) return <>one, of all hosts at once</>;
  return (
    <ol className="signed-waves">
      {rollout.waves.map((wave, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a wave is its place
        <li key={index}>
          <b>{index + 1}</b>
          <code>{visible(formatWave(wave))}</code>
          {wave.bakeMs > 0 && <span className="muted">then watched for {duration(wave.bakeMs)}</span>}
          {wave.manual && index + 1 < rollout.waves.length && (
            <span className="muted">then waits for a person</span>
          )}
        </li>
      ))}
    </ol>
  );
}

function gateText({ gate }: Rollout): string {
  const failing = gate.failing.length > 0 ? gate.failing.join(', ') : 'nothing';
  return `${limitsText(gate)} may fail; failed are ${failing}${gate.health ? ', and hosts that are unwell afterwards' : ''}`;
}

function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
