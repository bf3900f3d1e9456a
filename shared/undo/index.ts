/** Request ids, as controllers make them. */
const UNDO = /^\s*undo\s*\(\s*"([0-9a-z]{8,32})"\s*\)\s*;?\s*$/;

/** The program that has each host put back what the request `id` wrote there. */
export function undoProgram(id: string): string {
  return `undo("${id}");`;
}

/**
 * The request whose writes `program` puts back; undefined for any other program. An undo is the whole
 * program, since each host makes another one of it.
 */
export function undoneRequest(program: string): string | undefined {
  return UNDO.exec(program)?.[1];
}
