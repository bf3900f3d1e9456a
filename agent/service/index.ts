export type { AgentEnvironment } from './environment.ts';
export { type AgentFoundation, openFoundation } from './foundation.ts';
export { serve } from './serve.ts';
export { type AgentServices, buildServices } from './services.ts';
export { type RunningAgent, startAgent } from './start-agent.ts';
