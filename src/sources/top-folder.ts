/** The folder in which a zip file holds everything, because somebody zipped that folder. */

import type { FileTree } from './file-tree.ts';

/** With a `/` at its end; `''` for a folder on disk, and for a zip file with more than that at its top. */
export function topFolder({ kind, files }: Pick<FileTree, 'kind' | 'files'>): string {
  if (kind !== 'zip') return '';
  const [first = ''] = files;
  const top = first.slice(0, first.indexOf('/') + 1);
  return top !== '' && files.every((file) => file.startsWith(top)) ? top : '';
}
