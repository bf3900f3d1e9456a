import { type ReactElement, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import {
  type CompletionsJson,
  type KernelGroup,
  type KnownKernel,
  post,
  urlOf,
  useApi,
} from '../../api/index.ts';
import type { EditorHandle } from '../../editor/index.ts';
import { count } from '../../text/index.ts';
import { Notice } from '../../ui/index.ts';
import { Diagnostics } from './diagnostics.tsx';
import type { Draft } from './draft.ts';
import { choiceOf, type KernelChoice, useCheck } from './use-check.ts';

interface ProgramPanelProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  /** The kernels of the selected hosts. */
  readonly kernels: readonly KernelGroup[] | undefined;
  readonly problem: string | undefined;
}

/** The program, checked against a kernel of the fleet while it is typed. */
export function ProgramPanel({ draft, change, kernels, problem }: ProgramPanelProps): ReactElement {
  const choice = useKernel(kernels);
  const checked = useCheck(draft.program, choice.kernel);
  const editor = useRef<EditorHandle>(undefined);
  useEffect(() => editor.current?.setDiagnostics(checked.check?.diagnostics ?? []), [checked.check]);
  return (
    <section className="panel" aria-labelledby="program">
      <div className="panel-head">
        <h2 id="program">Program</h2>
        <KernelSelect {...choice} />
      </div>
      <Editor {...{ draft, change, kernel: choice.kernel, editor }} />
      <Diagnostics
        checked={checked}
        draft={draft}
        onGoTo={location => editor.current?.goTo(location)}
        change={change}
      />
      {problem && <Notice tone="bad">{problem}</Notice>}
    </section>
  );
}

function KernelSelect({ kernels, kernel, choose }: ReturnType<typeof useKernel>): ReactElement {
  return (
    <label className="inline-field">
      <span>checked against</span>
      <select
        value={kernel ? keyOf(kernel) : ''}
        onChange={event => choose(event.target.value)}
        disabled={kernels.length === 0}
      >
        {kernels.length === 0 && <option value="">no kernel is known</option>}
        {kernels.map(each => (
          <option key={keyOf(each)} value={keyOf(each)} disabled={!each.known}>
            {each.release} {each.arch} ({count(each.hosts)}){each.known ? '' : ': not known yet'}
          </option>
        ))}
      </select>
    </label>
  );
}

interface EditorProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly kernel: KernelChoice | undefined;
  readonly editor: RefObject<EditorHandle | undefined>;
}

function Editor(props: EditorProps): ReactElement {
  const { editor } = props;
  const parent = useRef<HTMLDivElement>(null);
  const newest = useRef(props);
  newest.current = props;
  const complete = useCallback(
    async (program: string, offset: number): Promise<CompletionsJson | undefined> => {
      const { kernel } = newest.current;
      if (!kernel) return undefined;
      const body = { program, offset, kernel: choiceOf(kernel) };
      return post('complete', { body }).catch(() => undefined);
    },
    [],
  );
  useEffect(() => {
    let isMounted = true;
    void import('../../editor/index.ts').then(({ mountEditor }) => {
      if (!isMounted || !parent.current) return;
      editor.current = mountEditor(parent.current, {
        program: newest.current.draft.program,
        label: 'Program, C',
        onChange: program => newest.current.change({ program }),
        complete,
      });
    });
    return () => {
      isMounted = false;
      editor.current?.remove();
      editor.current = undefined;
    };
  }, [complete, editor]);
  return <div className="editor" ref={parent} />;
}

/**
 * The kernels of the fleet, those of the selected hosts first and then the most frequent, and the chosen one.
 */
function useKernel(selected: readonly KernelGroup[] | undefined) {
  const { data } = useApi(urlOf('kernels', {}), 'hosts');
  const [key, setKey] = useState<string>();
  const builds = new Set(selected?.map(({ kernelRelease, arch }) => `${kernelRelease} ${arch}`));
  const isSelected = ({ release, arch }: KnownKernel): boolean => builds.has(`${release} ${arch}`);
  const kernels = [...(data?.kernels ?? [])].sort(
    (one, other) => Number(isSelected(other)) - Number(isSelected(one)) || other.hosts - one.hosts,
  );
  const kernel = kernels.find(each => keyOf(each) === key) ?? kernels.find(each => each.known);
  return { kernels, kernel, choose: setKey };
}

function keyOf({ release, version, arch }: KernelChoice): string {
  return `${release}\n${version}\n${arch}`;
}
