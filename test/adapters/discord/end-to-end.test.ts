import { describeEndToEnd } from '../../scenarios/end-to-end.ts';
import { openDiscordDoor } from './discord-driver.ts';

describeEndToEnd('Discord', openDiscordDoor);
