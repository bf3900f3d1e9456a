export {
  type AssignedWave,
  type Assignment,
  type AssignOptions,
  assignWaves,
  waveOfJoiner,
} from './assign-waves.ts';
