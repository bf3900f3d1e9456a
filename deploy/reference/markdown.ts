/** A table in Markdown, its cells escaped where they would end one. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** `text` as code, whatever is in it. */
export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** A page: parts with an empty line between them, and who writes it. */
export function page(title: string, parts: readonly string[]): string {
  const origin = '<!-- Written by node deploy/reference/write.ts; change the code that it is about. -->';
  return `${[`# ${title}`, origin, ...parts].join('\n\n')}\n`;
}
