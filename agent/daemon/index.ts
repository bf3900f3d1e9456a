export { type RunningAgent, startAgent } from './start-agent.ts';
