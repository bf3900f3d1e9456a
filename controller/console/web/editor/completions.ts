import type { CompletionContext, CompletionResult, CompletionSource } from '@codemirror/autocomplete';
import type { CompletionsJson } from '../api/index.ts';

/** Behind these one wants to know what comes next, without asking for it. */
const AFTER = /(\w|\.|->)$/;

/** Completions by what the controller knows of a kernel. */
export function completionsFrom(
  complete: (program: string, offset: number) => Promise<CompletionsJson | undefined>,
): CompletionSource {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    if (!context.explicit && !AFTER.test(before)) return null;
    const found = await complete(context.state.doc.toString(), context.pos);
    if (!found || found.items.length === 0 || context.aborted) return null;
    return {
      from: found.from,
      options: found.items.map(({ label, detail, kind }) => ({ label, detail, type: kind })),
      validFor: /^\w*$/,
    };
  };
}
