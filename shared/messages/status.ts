import { z } from 'zod';
import { messageCodec } from './codec.ts';
import { epochMs, hostName, principalName, requestId } from './fields.ts';

/** Most hosts with wrong clocks that a status names. */
export const CLOCKS_NAMED = 20;

const clockSchema = z.object({
  host: hostName,
  offsetMs: z.int(),
});

const controllerStatusSchema = z.object({
  controller: principalName,
  nowMs: epochMs,
  brokerAwaySinceMs: epochMs.optional(),
  storeState: z.enum(['ok', 'full', 'away', 'failing']),
  storeSinceMs: epochMs.optional(),
  waitingRequests: z.int().min(0),
  clocksKnown: z.int().min(0),
  clocksWrong: z.int().min(0),
  clocks: z.array(clockSchema).max(CLOCKS_NAMED),
  version: z.string().max(64).optional(),
  protocol: z.int().min(1).optional(),
});

/**
 * What a controller cannot do now, and since when. `waitingRequests` are approved or ordered and not over.
 * `clocks` are those of hosts that differ from the controller's; more than zero is ahead. `version` is that
 * of its farcall, and `protocol` the number of what it speaks with agents; older controllers tell neither.
 */
export type ControllerStatus = z.infer<typeof controllerStatusSchema>;

/** Codec of StatusQuery: of everything, or of what one request waits for. */
export const statusQueryCodec = messageCodec(
  'StatusQuery',
  z.object({ requestId: requestId.optional() }),
  128,
);

/** Codec of {@link ControllerStatus}. */
export const controllerStatusCodec = messageCodec('ControllerStatus', controllerStatusSchema, 16_384);
