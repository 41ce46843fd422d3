/** Opens a data folder, prints `open`, and holds the folder until the process is killed: `hold-data-folder FOLDER PURPOSE`. */

import { messageOf } from '../src/util/errors.ts';
import { openDataFolder } from '../src/store/data-folder.ts';

const [path = '', purpose = ''] = process.argv.slice(2);
try {
  const folder = await openDataFolder(path, purpose);
  await folder.store.namespace('items').set('written before the crash', true);
  process.stdout.write('open\n');
  setInterval(() => undefined, 1_000);
} catch (error) {
  process.stdout.write(`${messageOf(error)}\n`);
}
