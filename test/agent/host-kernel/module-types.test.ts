import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BTF_KIND, Btf } from '../../../agent/compiler/index.ts';
import { moduleTypes } from '../../../agent/host-kernel/index.ts';
import { HOST_FILES } from '../../../agent/kernel/index.ts';
import { BtfBuilder } from '../compiler/support/btf-builder.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('types of modules', () => {
  const base = new BtfBuilder();
  const int = base.int('int', 4);
  const baseBtf = new Btf(base.build());

  function open() {
    const sys = temporaryDirectory();
    const directory = join(sys, 'kernel', 'btf');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(sys, 'secret'), 'no types');
    const load = (name: string, func: string): void => {
      const b = new BtfBuilder({ ids: base.ids, stringBytes: base.stringBytes });
      b.func(func, int, {});
      writeFileSync(join(directory, `${name}.new`), b.build());
      renameSync(join(directory, `${name}.new`), join(directory, name));
    };
    const unload = (name: string): void => rmSync(join(directory, name));
    return { types: moduleTypes(baseBtf, { ...HOST_FILES, sys }), load, unload };
  }

  it('types of modules are read once while the module stays', () => {
    const { types, load } = open();
    load('9p', 'one');
    expect(types('9p')?.find('one', BTF_KIND.FUNC)).toHaveLength(1);
    expect(types('9p')).toBe(types('9p'));
  });

  it('types of modules are read again once the module was loaded again', () => {
    const { types, load, unload } = open();
    expect(types('nfsd')).toBeUndefined();
    load('nfsd', 'one');
    expect(types('nfsd')?.find('one', BTF_KIND.FUNC)).toHaveLength(1);
    load('nfsd', 'two');
    expect(types('nfsd')?.find('one', BTF_KIND.FUNC)).toHaveLength(0);
    expect(types('nfsd')?.find('two', BTF_KIND.FUNC)).toHaveLength(1);
    unload('nfsd');
    expect(types('nfsd')).toBeUndefined();
  });

  it.each(['../../secret', '..', '', 'a/b', 'a\0b', 'x'.repeat(65)])('%j is no name of a module', name => {
    expect(open().types(name)).toBeUndefined();
  });
});
