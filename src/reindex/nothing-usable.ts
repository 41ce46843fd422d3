/** The error of a reindex that would leave no searchable item. */

import { OperatorError } from '../util/errors.ts';
import type { SourcesRead } from './read-sources.ts';
import { groupRejections, rejectionName } from './rejections.ts';

/** @param records number of records read. @param hidden number of usable items that are out of stock. */
export function nothingUsable(records: number, hidden: number, { rejected }: SourcesRead): OperatorError {
  if (hidden > 0) {
    return new OperatorError(
      `All ${hidden} items are out of stock, and their sources hide such items. The inventory was left as it was. ` +
        'Check the availability that the sources give, or switch off "hideOutOfStock".',
    );
  }
  const [group] = groupRejections([...rejected.values()].flat());
  const first = group?.rejections[0];
  const others =
    group && group.rejections.length > 1 ? ` (and ${group.rejections.length - 1} more like it)` : '';
  const why = first ? ` The first reason: ${rejectionName(first)}: ${first.reason}${others}` : '';
  return new OperatorError(
    `No usable item in ${records} record${records === 1 ? '' : 's'}, so the inventory was left as it was.${why}`,
  );
}
