import { type Format, factsOf, linkOf, titleOf, toneOf } from './format.ts';

const TEXT_COLOURS = { bad: 'Attention', waits: 'Warning', good: 'Good', news: 'Default' } as const;

/**
 * A message of Microsoft Teams' workflows ("when a Teams webhook request is received"): an Adaptive Card 1.4
 * (adaptivecards.io) as its one attachment.
 */
export const teamsFormat: Format = ({ message }) => {
  const { text, type } = message;
  const link = linkOf(message);
  const facts = factsOf(message).map(([title, value]) => ({ title, value }));
  const heading = { type: 'TextBlock', text: titleOf(type), weight: 'Bolder', size: 'Medium', wrap: true };
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { ...heading, color: TEXT_COLOURS[toneOf(type)] },
      { type: 'TextBlock', text, wrap: true },
      ...(facts.length > 0 ? [{ type: 'FactSet', facts }] : []),
    ],
    ...(link !== undefined && {
      actions: [{ type: 'Action.OpenUrl', title: 'Open the request', url: link }],
    }),
  };
  const contentType = 'application/vnd.microsoft.card.adaptive';
  return { body: { type: 'message', attachments: [{ contentType, contentUrl: null, content: card }] } };
};
