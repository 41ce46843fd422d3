import { describeScenarios } from '../../scenarios/scenarios.ts';
import { openDiscordDoor } from './discord-driver.ts';

describeScenarios('Discord', openDiscordDoor);
