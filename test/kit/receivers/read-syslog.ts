/** A message of RFC 5424 as a receiver has it. */
export interface SyslogMessage {
  readonly facility: number;
  readonly severity: number;
  readonly timestamp: string;
  readonly hostname: string;
  readonly appName: string;
  readonly processId: string;
  readonly messageId: string;
  /** Parameters by the id of their element. */
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly text: string;
}

const HEADER =
  /^<(\d{1,3})>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) /;

/** Reads one message strictly by the grammar of RFC 5424, section 6. Throws on anything else. */
export function readSyslog(message: string): SyslogMessage {
  const header = HEADER.exec(message);
  if (!header) throw new Error(`no header of RFC 5424: ${message.slice(0, 100)}`);
  const [whole, priority, timestamp, hostname, appName, processId, messageId] = header as unknown as string[];
  const { data, end } = readData(message, whole!.length);
  if (message[end] !== ' ') throw new Error('no blank after the structured data');
  const names = { hostname: hostname!, appName: appName!, processId: processId!, messageId: messageId! };
  return {
    ...{ facility: Math.floor(Number(priority) / 8), severity: Number(priority) % 8 },
    ...{ timestamp: timestamp!, ...names, data, text: message.slice(end + 1) },
  };
}

function readData(text: string, start: number) {
  const data: Record<string, Record<string, string>> = {};
  let at = start;
  while (text[at] === '[') {
    const id = /^\[([!#-<>-\\^-~]{1,32})/.exec(text.slice(at))?.[1];
    if (id === undefined || id in data) throw new Error('no id of an element, or the same twice');
    at += 1 + id.length;
    const parameters: Record<string, string> = {};
    for (let name = nameAt(text, at); name !== undefined; name = nameAt(text, at)) {
      if (name in parameters) throw new Error(`${name} occurs twice`);
      const read = readValue(text, at + name.length + 3);
      parameters[name] = read.value;
      at = read.end;
    }
    if (text[at] !== ']') throw new Error('an element without its end');
    data[id] = parameters;
    at += 1;
  }
  if (at === start) throw new Error('no structured data');
  return { data, end: at };
}

function nameAt(text: string, at: number): string | undefined {
  return /^ ([!#-<>-\\^-~]{1,32})="/.exec(text.slice(at, at + 40))?.[1];
}

function readValue(text: string, start: number): { readonly value: string; readonly end: number } {
  let value = '';
  for (let at = start; at < text.length; at++) {
    if (text[at] === '"') return { value, end: at + 1 };
    if (text[at] === ']') throw new Error('a ] without its escape');
    if (text[at] === '\\' && '"\\]'.includes(text[at + 1] ?? ' ')) at += 1;
    value += text[at];
  }
  throw new Error('a value without its end');
}

/** Splits bytes into the messages of RFC 5425, 4.3. Throws on anything that is no frame. */
export function frameReader(): (chunk: Buffer) => string[] {
  let rest = Buffer.alloc(0);
  return chunk => {
    rest = Buffer.concat([rest, chunk]);
    const messages: string[] = [];
    for (;;) {
      const blank = rest.indexOf(0x20);
      if (blank < 0 && rest.length < 11) return messages;
      const length = rest.subarray(0, Math.max(0, blank)).toString('latin1');
      if (!/^[1-9]\d{0,9}$/.test(length)) throw new Error('no frame of RFC 5425');
      const end = blank + 1 + Number(length);
      if (rest.length < end) return messages;
      messages.push(rest.subarray(blank + 1, end).toString('utf8'));
      rest = rest.subarray(end);
    }
  };
}
