import { describeWholeWay } from '../../scenarios/whole-way.ts';
import { openDiscordDoor } from './discord-driver.ts';

describeWholeWay('Discord', openDiscordDoor);
