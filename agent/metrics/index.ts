export { type AgentMetricsParts, serveAgentMetrics } from './agent-metrics.ts';
