export { type AgentConfig, parseAgentConfig, readAgentConfig } from './agent-config.ts';
export { busCredentials } from './bus-credentials.ts';
