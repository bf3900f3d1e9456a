import { z } from 'zod';
import { messageCodec } from './codec.ts';
import { epochMs } from './fields.ts';

/** Codec of ConsoleCodeQuery: the caller wants a code for the console. */
export const consoleCodeQueryCodec = messageCodec('ConsoleCodeQuery', z.object({}), 16);

const consoleAddressSchema = z.object({
  origin: z.url({ protocol: /^https?$/ }).max(512),
  code: z.string().regex(/^[A-Za-z0-9_-]{22,128}$/),
  expiresAtMs: epochMs,
});

/** The address of the console, and a code that signs the caller in there, once. */
export type ConsoleAddress = z.infer<typeof consoleAddressSchema>;

/** Codec of {@link ConsoleAddress}. */
export const consoleAddressCodec = messageCodec('ConsoleAddress', consoleAddressSchema, 1024);
