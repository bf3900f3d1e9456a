import { expect, test } from 'vitest';
import { urlOf } from '../../../../controller/console/web/api/routes.ts';

test('an address has its variable parts and its query encoded', () => {
  expect(urlOf('requests/:id/hosts/:host', { id: 'r1', host: 'a/b' })).toBe('/api/requests/r1/hosts/a%2Fb');
  expect(urlOf('hosts', {}, { selector: 'env=prod & more' })).toBe('/api/hosts?selector=env%3Dprod+%26+more');
});

test('an address repeats parameters with several values, and leaves out empty ones', () => {
  const query = { limit: 100, state: ['pending', 'rejected'], requester: undefined, after: '' };
  expect(urlOf('requests', {}, query)).toBe('/api/requests?limit=100&state=pending&state=rejected');
});
