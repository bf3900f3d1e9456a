export {
  type ControllerMetrics,
  type ControllerMetricsParts,
  controllerMetrics,
  serveControllerMetrics,
  timedCommit,
} from './controller-metrics.ts';
