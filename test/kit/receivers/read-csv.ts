/**
 * The records of CSV text, read by the grammar of RFC 4180 section 2 and nothing else; throws where it is not
 * that.
 */
export function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  for (let at = 0; at < text.length; ) {
    const [whole = '', quoted, plain] =
      /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?=,|\r\n)/.exec(text.slice(at)) ?? [];
    if (quoted === undefined && plain === undefined)
      throw new Error(`no CSV at ${at}: ${text.slice(at, at + 40)}`);
    record.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    at += whole.length;
    if (text[at] === ',') {
      at += 1;
      continue;
    }
    at += 2;
    records.push(record);
    record = [];
  }
  return records;
}
