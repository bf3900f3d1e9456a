import { cut, type Format, linkOf } from './format.ts';
import { incidentOf, pagerActionOf } from './incident.ts';

const MESSAGE_LIMIT = 130;

/**
 * An alert of Opsgenie's Alert API (docs.opsgenie.com): one for each request, which is closed when the
 * request goes on or ends. The configured address is that of the API's alerts,
 * `https://api.opsgenie.com/v2/alerts`.
 */
export const opsgenieFormat: Format = ({ message, url, key }) => {
  const { text, type, data } = message;
  const headers = { authorization: `GenieKey ${key}` };
  const alias = incidentOf(message);
  const action = pagerActionOf(message);
  if (action !== 'trigger') {
    const known = `${url}/${encodeURIComponent(alias)}/${action === 'resolve' ? 'close' : 'acknowledge'}`;
    return {
      url: `${known}?identifierType=alias`,
      headers,
      body: { note: text, source: 'farcall' },
    };
  }
  const details = Object.entries(data).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const link = linkOf(message);
  return {
    headers,
    body: {
      message: cut(text, MESSAGE_LIMIT),
      alias,
      description: link === undefined ? text : `${text}\n${link}`,
      tags: ['farcall', type],
      details: Object.fromEntries(details),
      source: 'farcall',
      priority: type === 'request-expired' ? 'P3' : 'P1',
    },
  };
};
