import { type ReactElement, useCallback, useEffect, useRef, useState } from 'react';
import { type CompletionsJson, type KernelGroup, type KernelJson, post, useApi } from '../../api/index.ts';
import type { EditorHandle } from '../../editor/index.ts';
import { count } from '../../text/index.ts';
import { Notice } from '../../ui/index.ts';
import type { Draft } from './draft.ts';
import { ProblemList } from './problem-list.tsx';
import { type KernelRef, refOf, useCheck } from './use-check.ts';

interface ProgramPanelProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  /** Of the chosen hosts. */
  readonly kernels: readonly KernelGroup[] | undefined;
  readonly problem: string | undefined;
}

/** The program, checked against a kernel of the fleet as one types. */
export function ProgramPanel({ draft, change, kernels, problem }: ProgramPanelProps): ReactElement {
  const { known, kernel, choose } = useKernel(kernels);
  const checked = useCheck(draft.program, kernel);
  const editor = useRef<EditorHandle>(undefined);
  useEffect(() => editor.current?.setProblems(checked.check?.diagnostics ?? []), [checked.check]);
  return (
    <section className="panel" aria-labelledby="program">
      <div className="panel-head">
        <h2 id="program">Program</h2>
        <label className="inline-field">
          <span>checked against</span>
          <select
            value={kernel ? keyOf(kernel) : ''}
            onChange={event => choose(event.target.value)}
            disabled={known.length === 0}
          >
            {known.length === 0 && <option value="">no kernel is known</option>}
            {known.map(one => (
              <option key={keyOf(one)} value={keyOf(one)} disabled={!one.known}>
                {one.release} {one.arch} ({count(one.hosts)}){one.known ? '' : ': not known yet'}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Editor {...{ draft, change, kernel, editor }} />
      <ProblemList
        checked={checked}
        effect={draft.effect}
        onGoTo={place => editor.current?.goTo(place)}
        onEffect={effect => change({ effect })}
      />
      {problem && <Notice tone="bad">{problem}</Notice>}
    </section>
  );
}

function Editor(props: {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly kernel: KernelRef | undefined;
  readonly editor: React.RefObject<EditorHandle | undefined>;
}): ReactElement {
  const { editor } = props;
  const place = useRef<HTMLDivElement>(null);
  const newest = useRef(props);
  newest.current = props;
  const complete = useCallback(
    async (program: string, offset: number): Promise<CompletionsJson | undefined> => {
      const { kernel } = newest.current;
      if (!kernel) return undefined;
      return post<CompletionsJson>('/api/complete', { program, offset, kernel: refOf(kernel) }).catch(
        () => undefined,
      );
    },
    [],
  );
  useEffect(() => {
    let isWanted = true;
    void import('../../editor/index.ts').then(({ mountEditor }) => {
      if (!isWanted || !place.current) return;
      editor.current = mountEditor(place.current, {
        program: newest.current.draft.program,
        label: 'Program, C',
        onChange: program => newest.current.change({ program }),
        complete,
      });
    });
    return () => {
      isWanted = false;
      editor.current?.remove();
      editor.current = undefined;
    };
  }, [complete, editor]);
  return <div className="editor" ref={place} />;
}

/** The kernels that are there to check against; of the chosen hosts the most frequent first. */
function useKernel(chosen: readonly KernelGroup[] | undefined) {
  const { data } = useApi<{ kernels: readonly KernelJson[] }>('/api/kernels', 'hosts');
  const [key, setKey] = useState<string>();
  const all = data?.kernels ?? [];
  const inChosen = ({ release, arch }: KernelJson): boolean =>
    chosen?.some(group => group.kernelRelease === release && group.arch === arch) ?? false;
  const known = [...all].sort(
    (one, other) => Number(inChosen(other)) - Number(inChosen(one)) || other.hosts - one.hosts,
  );
  const kernel = known.find(one => keyOf(one) === key) ?? known.find(one => one.known);
  return { known, kernel, choose: setKey };
}

function keyOf({ release, version, arch }: KernelRef): string {
  return `${release}\n${version}\n${arch}`;
}
