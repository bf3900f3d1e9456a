export {
  type AssignedWave,
  type Assignment,
  type AssignOptions,
  assignWaves,
  waveOfLateJoiner,
} from './assign-waves.ts';
