export { type AgentConfig, parseAgentConfig, readAgentConfig } from './agent-config.ts';
