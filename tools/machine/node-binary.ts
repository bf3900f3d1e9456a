import { fileURLToPath } from 'node:url';

/** The pinned Node of this checkout. Guests have it at the same path. */
export const NODE = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
