import { join } from 'node:path';
import { digestText, readKeyFile, sha256 } from '../../../shared/tokens/index.ts';
import { tokenOf } from '../cast.ts';
import type { ControllerFixture } from './controller-process.ts';

/** The token of a query as a controller would make it, signed by the key of the person `by`. */
export function queryTokenBy(
  controller: ControllerFixture,
  kind: 'plan' | 'types',
  { by, query }: { readonly by: string; readonly query: Uint8Array },
): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: by, site: controller.site, iat, exp: iat + 60, sha256: digestText(sha256(query)) };
  return tokenOf(kind, claims, readKeyFile(join(controller.folder, `${by}.key`)));
}
