export { type Admission, keepAdmission, lastAdmission, nextAdmission } from './admission-file.ts';
