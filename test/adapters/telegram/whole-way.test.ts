import { describeWholeWay } from '../../scenarios/whole-way.ts';
import { openTelegramDoor } from './telegram-driver.ts';

describeWholeWay('Telegram', openTelegramDoor);
