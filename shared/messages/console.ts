import { z } from 'zod';
import { messageCodec } from './codec.ts';
import { epochMs } from './fields.ts';

/** Codec of ConsoleCodeQuery: a code for anyone who calls. */
export const consoleCodeQueryCodec = messageCodec('ConsoleCodeQuery', z.object({}), 16);

const consoleAddressSchema = z.object({
  origin: z.url({ protocol: /^https?$/ }).max(512),
  code: z.string().regex(/^[A-Za-z0-9_-]{22,128}$/),
  expiresAtMs: epochMs,
});

/** Where the console is, and a code that signs its owner in there, once. */
export type ConsoleAddress = z.infer<typeof consoleAddressSchema>;

/** Codec of ConsoleAddress. */
export const consoleAddressCodec = messageCodec('ConsoleAddress', consoleAddressSchema, 1024);
