export { type PublishAbortsDeps, publishAborts } from './publish-aborts.ts';
export { type AbortSubmission, type SubmitAbortDeps, submitAbort } from './submit-abort.ts';
