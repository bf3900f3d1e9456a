import { CHANGE_ROUTES } from './changes.ts';
import { FLEET_ROUTES } from './fleet.ts';
import { KERNEL_ROUTES } from './kernels.ts';
import { PERSON_ROUTES } from './person.ts';
import { PLAN_ROUTES } from './plans.ts';
import { REMOVAL_ROUTES } from './removals.ts';
import { REQUEST_ROUTES } from './requests.ts';
import type { Routes } from './route.ts';

export { meJson } from './person.ts';
export { bodyOf, type ConsoleCall } from './route.ts';

/** Every route for people who are signed in. */
export const ROUTES: Routes = {
  ...PERSON_ROUTES,
  ...REQUEST_ROUTES,
  ...PLAN_ROUTES,
  ...FLEET_ROUTES,
  ...REMOVAL_ROUTES,
  ...KERNEL_ROUTES,
  ...CHANGE_ROUTES,
};
