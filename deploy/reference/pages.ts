import { commandLinePage } from './command-line.ts';
import { configurationPage } from './configuration.ts';
import { jsonPage } from './json.ts';
import { languagePage } from './language.ts';
import { libraryPage } from './library.ts';
import { errorsPage, outcomesPage } from './tables.ts';

/** The pages of docs/reference, by file name. */
export function referencePages(): ReadonlyMap<string, string> {
  return new Map([
    ['language.md', languagePage()],
    ['library.md', libraryPage()],
    ['outcomes.md', outcomesPage()],
    ['errors.md', errorsPage()],
    ['configuration.md', configurationPage()],
    ['command-line.md', commandLinePage()],
    ['json.md', jsonPage()],
  ]);
}
