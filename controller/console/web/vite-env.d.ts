declare module '*.svg' {
  /** Address of the file in the built page. */
  const url: string;
  export default url;
}

declare module '*.css';

interface ImportMeta {
  /** The text of every file that a pattern names, by path; the bundler puts them into the page. */
  readonly glob: (
    pattern: string,
    options: { readonly query: '?raw'; readonly import: 'default'; readonly eager: true },
  ) => Readonly<Record<string, string>>;
}
