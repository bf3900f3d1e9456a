export { type Labelled, MetricSet, type Observer } from './metric-set.ts';
export { type Check, type MetricsOptions, type MetricsServer, serveMetrics } from './serve-metrics.ts';
