import { describeScenarios } from '../../scenarios/scenarios.ts';
import { openTelegramDoor } from './telegram-driver.ts';

describeScenarios('Telegram', openTelegramDoor);
