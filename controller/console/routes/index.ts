import { CHANGE_ROUTES } from './changes.ts';
import { FLEET_ROUTES } from './fleet.ts';
import { KERNEL_ROUTES } from './kernels.ts';
import { PERSON_ROUTES } from './person.ts';
import { PLAN_ROUTES } from './plans.ts';
import { REQUEST_ROUTES } from './requests.ts';
import type { Route } from './route.ts';

export { meJson } from './person.ts';
export { bodyOf, type ConsoleCall, type Route } from './route.ts';

/** Everything for whoever is signed in, below /api. */
export const ROUTES: readonly Route[] = [
  ...PERSON_ROUTES,
  ...REQUEST_ROUTES,
  ...PLAN_ROUTES,
  ...FLEET_ROUTES,
  ...KERNEL_ROUTES,
  ...CHANGE_ROUTES,
];
