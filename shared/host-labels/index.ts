export {
  hostLabellers,
  isSameChange,
  labelsText,
  ownLabels,
  type RelabelledHost,
  type VerifiedHostLabels,
  type VerifiedLabels,
  verifyHostLabels,
  verifyLabelsStatement,
} from './verify-host-labels.ts';
