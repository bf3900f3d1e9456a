import type { LanguageService, LanguageServiceInput } from './language-service.ts';

/**
 * An {@link LanguageService} for one kernel. Its code is loaded when it is first asked for: agents have no
 * use for it.
 */
export async function openLanguageService(input: LanguageServiceInput): Promise<LanguageService> {
  const { LanguageService: Opened } = await import('./language-service.ts');
  return new Opened(input);
}
