import { cut, type Format, linkOf } from './format.ts';
import { incidentOf, pagerActionOf } from './incident.ts';

const SUMMARY_LIMIT = 1024;

/**
 * An event of PagerDuty's Events API v2 (developer.pagerduty.com): one incident for each request, which is
 * resolved when the request goes on or ends.
 */
export const pagerdutyFormat: Format = ({ message, key }) => {
  const { text, timestamp, type, data } = message;
  const link = linkOf(message);
  return {
    body: {
      routing_key: key,
      event_action: pagerActionOf(message),
      dedup_key: incidentOf(message),
      payload: {
        summary: cut(text, SUMMARY_LIMIT),
        source: 'farcall',
        severity: type === 'request-expired' ? 'warning' : 'critical',
        timestamp,
        component: 'farcall',
        class: type,
        custom_details: data,
      },
      ...(link !== undefined && { links: [{ href: link, text: 'Open the request' }] }),
    },
  };
};
