export {
  hostLabellers,
  isSameChange,
  labelsText,
  type RelabelledHost,
  type VerifiedHostLabels,
  type VerifiedLabels,
  verifyHostLabels,
  verifyLabelsStatement,
} from './verify-host-labels.ts';
