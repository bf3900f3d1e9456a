import type { CompletionContext, CompletionResult, CompletionSource } from '@codemirror/autocomplete';
import type { CompletionsJson } from '../api/index.ts';

/** After these, candidates are shown without being asked for. */
const AFTER = /(\w|\.|->)$/;

/** Completion candidates from the controller. */
export function completionsFrom(
  complete: (program: string, offset: number) => Promise<CompletionsJson | undefined>,
): CompletionSource {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    if (!context.explicit && !AFTER.test(before)) return null;
    const reply = await complete(context.state.doc.toString(), context.pos);
    if (!reply || reply.items.length === 0 || context.aborted) return null;
    return {
      from: reply.from,
      options: reply.items.map(({ label, detail, kind }) => ({ label, detail, type: kind })),
      validFor: /^\w*$/,
    };
  };
}
