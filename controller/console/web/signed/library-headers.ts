/** The headers of the library of the release that this page belongs to, by path. */
export const HEADERS: Readonly<Record<string, string>> = import.meta.glob('../../../../library/**/*.h', {
  query: '?raw',
  import: 'default',
  eager: true,
});
