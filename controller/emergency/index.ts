export { type EmergencyDeps, listEmergencies } from './list-emergencies.ts';
export { noteOverdueReviews } from './note-overdue-reviews.ts';
export { type ReviewSubmission, type SubmitReviewDeps, submitReview } from './submit-review.ts';
