import { Library, type LibraryComparison } from '../../../../shared/library/index.ts';

let library: Promise<Library> | undefined;

/**
 * How the library in a signed request compares with the library that this page brings along.
 *
 * Threat: a request carries other words under a well-known name, and nobody reads a library that they know.
 */
export async function compareLibrary(text: string): Promise<LibraryComparison> {
  library ??= loadLibrary();
  return (await library).compare(text);
}

/**
 * The member of a draft with what `program` uses of the library that this page brings along; none where it
 * uses nothing. The page signs no request with another library.
 */
export async function libraryOf(program: string): Promise<{ readonly library?: string }> {
  library ??= loadLibrary();
  const text = (await library).select(program);
  return text === '' ? {} : { library: text };
}

async function loadLibrary(): Promise<Library> {
  const { HEADERS } = await import('./library-headers.ts');
  return new Library(new Map(Object.entries(HEADERS).map(([path, text]) => [nameOf(path), text])));
}

/** `linux/list.h` of any path that ends so. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('library/') + 'library/'.length);
}
