export { type AgentConfig, parseAgentConfig, readAgentConfig } from './agent-config.ts';
export { busCredentials } from './bus-credentials.ts';
export { credentialFile } from './credential-file.ts';
export { writePrivateFile } from './private-file.ts';
export { readSecret } from './secret-file.ts';
