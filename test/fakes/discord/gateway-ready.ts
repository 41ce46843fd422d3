/** The first events of a new session: READY, then one GUILD_CREATE for each of its servers. */

import { GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10';
import type { Session } from './gateway-session.ts';
import { applicationFlags, guildCreatePayload, userPayload } from './payloads.ts';
import { gatewayUrl } from './routes/lookups.ts';
import { type World, must } from './state.ts';

export function greet(world: World, session: Session): void {
  const { application } = world;
  const guilds = [...world.guilds.values()].filter((guild) => {
    const here = session.wants({ type: 'GUILD_CREATE', guildId: guild.id, intent: 0, data: () => null });
    return here && guild.members.has(application.id);
  });
  session.dispatch(GatewayDispatchEvents.Ready, {
    v: 10,
    user: userPayload(must(world.users.get(application.id), 'application user')),
    guilds: guilds.map((guild) => ({ id: guild.id, unavailable: true })),
    session_id: session.id,
    resume_gateway_url: `${gatewayUrl(world)}/resume`,
    shard: session.shard,
    application: { id: application.id, flags: applicationFlags(world) },
  });
  if ((session.intents & GatewayIntentBits.Guilds) === 0) return;
  for (const guild of guilds)
    session.dispatch(GatewayDispatchEvents.GuildCreate, guildCreatePayload(world, guild));
}
