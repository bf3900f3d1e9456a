export type {
  KernelFunction,
  LanguageService,
  LanguageServiceInput,
  ProgramAnalysis,
} from './language-service.ts';
export { openLanguageService } from './open-language-service.ts';
