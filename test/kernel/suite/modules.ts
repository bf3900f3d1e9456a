import { expect } from 'vitest';
import { type Case, ownSh, value } from './case.ts';

const CRC_MODULE = {
  program: 'crc_itu_t@crc_itu_t(0, (const u8 *)"123456789", 9)',
  needs: [{ module: 'crc-itu-t' }],
  by: 'guest',
} as const;

/** Functions and types of modules that Debian builds, while they are loaded. */
export const MODULES: readonly Case[] = [
  value(
    'modules',
    'p9_errstr2errno@9pnet((char *)"Operation not permitted", 23)',
    /^\(int\)-(1 \/\* -EPERM|\d+ \/\* -E[A-Z]+) \*\/$/,
    {
      needs: [{ symbol: 'p9_errstr2errno' }],
      by: 'guest',
    },
  ),
  value('modules', 'sizeof(struct p9_client) > 0 && p9_is_proto_dotl@9pnet != NULL', '(int)1', {
    needs: [{ typesOf: '9pnet' }],
    by: 'guest',
  }),
  value('modules', 'sizeof(struct virtnet_info) > 0 && (long)&virtnet_open@virtio_net != 0', '(int)1', {
    needs: [{ typesOf: 'virtio_net' }],
    by: 'guest',
  }),
  {
    area: 'modules',
    title: 'a function of a module is there while it is loaded',
    steps: {
      notLoaded: CRC_MODULE,
      load: ownSh('modprobe crc-itu-t'),
      loaded: CRC_MODULE,
      reload: ownSh('modprobe -r crc-itu-t && modprobe crc-itu-t'),
      reloaded: CRC_MODULE,
      unload: ownSh('modprobe -r crc-itu-t'),
      unloaded: CRC_MODULE,
    },
    check(got) {
      for (const name of ['load', 'reload', 'unload'] as const) got.output(name);
      expect([got.text('loaded'), got.text('reloaded')]).toEqual([`(u16)${0x31c3}`, `(u16)${0x31c3}`]);
      const codes = [got.result('notLoaded').code, got.result('unloaded').code];
      expect(codes).toEqual(['SYMBOL_UNKNOWN', 'SYMBOL_UNKNOWN']);
    },
  },
];
