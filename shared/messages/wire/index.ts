export { countFields, type MessageRule, messageRule, type WireLimits } from './count-fields.ts';
export { messageTypes } from './definitions.ts';
export { bareSchema, limitsOf, memberSchemas } from './schema-limits.ts';
export { WIRE, WireReader } from './wire-reader.ts';
