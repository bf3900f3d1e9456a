/** A question to the kernel and its answer, for people: `__has_symbol(page_pools): yes`. */
export function answerText({
  question,
  answer,
}: {
  readonly question: string;
  readonly answer: number;
}): string {
  if (question !== 'LINUX_VERSION_CODE') return `${question}: ${answer === 0 ? 'no' : 'yes'}`;
  return `${question}: ${answer >>> 16}.${(answer >>> 8) & 0xff}.${answer & 0xff}`;
}
