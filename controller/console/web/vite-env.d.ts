declare module '*.svg' {
  /** Address of the file in the built page. */
  const url: string;
  export default url;
}

declare module '*.css';
