/** Why a reindex that no item comes out of changes nothing. */

import { OperatorError } from '../util/errors.ts';
import type { SourcesRead } from './read-sources.ts';

/** @param known records of the sources. @param hidden items that could be used and are out of stock. */
export function nothingUsable(known: number, hidden: number, { rejected }: SourcesRead): OperatorError {
  if (hidden > 0) {
    return new OperatorError(
      `All ${hidden} items are out of stock, and their sources hide such items. The inventory was left as it was. ` +
        'Check the availability that the sources give, or switch "hideOutOfStock" off.',
    );
  }
  const first = [...rejected.values()].flat()[0];
  const why = first ? ` The first reason: ${first.where}: ${first.reason}` : '';
  return new OperatorError(`No item could be used of ${known}, so the inventory was left as it was.${why}`);
}
