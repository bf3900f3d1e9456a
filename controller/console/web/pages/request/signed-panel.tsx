import type { ReactElement } from 'react';
import { formatWave, idleText, limitsText } from '../../../../../shared/rollout/index.ts';
import type { Rollout } from '../../api/index.ts';
import { type SignedRequest, shortSite } from '../../signed/index.ts';
import { count, duration, hosts, visible } from '../../text/index.ts';
import { Code, Copyable, EffectBadge, FactList, Icon, Timestamp } from '../../ui/index.ts';
import { LibraryFold } from './library-fold.tsx';
import type { SignedContent } from './use-signed.ts';

/** Everything that approvers sign and nothing else, read from the bytes. */
export function SignedPanel({ signed }: { readonly signed: SignedContent }): ReactElement {
  const { request, digestHex, sizeBytes } = signed;
  return (
    <section className="panel signed" aria-labelledby="signed">
      <div className="panel-head">
        <h2 id="signed">What is signed</h2>
        <span className="word">
          <Icon name="seal" size={14} /> your browser read this from the {count(sizeBytes)} signed bytes
        </span>
      </div>
      <Code program={request.program} label="Program" />
      <LibraryFold request={request} />
      <FactList entries={[...targetFacts(request), ...termFacts(request)]} />
      <div className="digest">
        <span className="field-label">Digest, computed here</span>
        <Copyable isBlock text={`sha256:${digestHex}`} label="the digest" />
      </div>
    </section>
  );
}

type Entries = Parameters<typeof FactList>[0]['entries'];

/** On which hosts it runs. */
function targetFacts({ selector, expectedHosts, expectedHostsDigest, lateJoiners }: SignedRequest): Entries {
  return [
    ['hosts', <code key="h">{visible(selector)}</code>],
    expectedHosts === undefined ? undefined : ['expected', <b key="e">{hosts(expectedHosts)}</b>],
    expectedHostsDigest === undefined
      ? undefined
      : ['their names', <Digest key="n" hex={expectedHostsDigest} />],
    lateJoiners ? ['late joiners', 'hosts that are enrolled later may run it too'] : undefined,
  ];
}

/** Who asks, why, and on which terms. */
function termFacts(request: SignedRequest): Entries {
  const { site, requester, reason, policy, effect, indirectCalls, rollout, planDigest } = request;
  return [
    ['site', <code key="s">{shortSite(site)}</code>],
    ['requester', requester],
    [
      'reason',
      <span key="r" className="pre-wrap">
        {visibleLines(reason)}
      </span>,
    ],
    ['policy', policy],
    ['effect', <EffectBadge key="f" effect={effect} indirectCalls={indirectCalls} />],
    ['waves', <SignedWaves key="w" rollout={rollout} />],
    rollout && ['gate', gateText(rollout)],
    rollout && ['answers', `within ${duration(rollout.answerWithinMs)}; later a host is unreachable`],
    ['timeout', duration(request.timeoutMs)],
    request.fuel === undefined ? undefined : ['fuel', `${count(request.fuel)} turns of its loops`],
    request.values === undefined
      ? undefined
      : ['values', <code key="v">{visibleLines(request.values)}</code>],
    ['made', <Timestamp key="m" ms={request.createdAtMs} />],
    ['expires', <Timestamp key="x" ms={request.expiresAtMs} />],
    [
      'plan',
      planDigest === undefined ? (
        <span key="p" className="outcome tone-held">
          made without a plan
        </span>
      ) : (
        <Digest key="p" hex={planDigest} />
      ),
    ],
  ];
}

function Digest({ hex }: { readonly hex: string }): ReactElement {
  return <code className="hash">sha256:{hex}</code>;
}

/** The waves as they are signed. */
export function SignedWaves({ rollout }: { readonly rollout: Rollout | undefined }): ReactElement {
  if (!rollout) return <>one, of all hosts at once</>;
  return (
    <ol className="signed-waves">
      {rollout.waves.map((wave, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the index identifies a wave
        <li key={index}>
          <b>{index + 1}</b>
          <code>{visible(formatWave(wave))}</code>
          {wave.bakeMs > 0 && <span className="muted">then watched for {duration(wave.bakeMs)}</span>}
          {wave.manual && index + 1 < rollout.waves.length && (
            <span className="muted">then a person promotes</span>
          )}
        </li>
      ))}
    </ol>
  );
}

function gateText({ gate }: Rollout): string {
  const failing = gate.failing.length > 0 ? gate.failing.join(', ') : 'none';
  const health = gate.health ? '; unhealthy hosts count as failed too' : '';
  return `${limitsText(gate)} may fail; failing outcomes: ${failing}${health}; ${idleText(gate)}`;
}

/** `text` with invisible characters made visible, line by line. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
