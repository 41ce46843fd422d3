import { ComponentType, MessageFlags } from 'discord-api-types/v10';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Boutique, openBoutique } from './discord/boutique.ts';
import { plainRequest } from './discord/connect.ts';
import { type FakeDiscord, startFakeDiscord } from './discord/fake-discord.ts';
import { renderChannel } from './discord/render.ts';
import { picture } from './discord/samples.ts';

let fake: FakeDiscord;
let channel: Boutique['channel'];
let guild: Boutique['guild'];
let ana: Boutique['ana'];

beforeEach(async () => {
  fake = await startFakeDiscord();
  ({ channel, guild, ana } = openBoutique(fake));
});

afterEach(async () => {
  await fake.stop();
});

it('draws what a message holds, its pictures inside the page', async () => {
  const bytes = await picture();
  const post = await ana.post(channel, { content: 'like **this** <b>', files: [{ name: 'a.png', bytes }] });
  const components = [
    {
      type: ComponentType.TextDisplay,
      content: '1. [Blue shirt](https://example.org/1)\n-# 0.91, very similar',
    },
    {
      type: ComponentType.MediaGallery,
      items: [{ media: { url: 'attachment://x.png' }, description: 'A "blue" shirt' }],
    },
    {
      type: ComponentType.ActionRow,
      components: [{ type: ComponentType.Button, style: 1, label: 'More', custom_id: 'm' }],
    },
  ];
  const body = { flags: MessageFlags.IsComponentsV2, components, message_reference: { message_id: post.id } };
  await plainRequest(fake, 'POST', `/channels/${channel.id}/messages`, body, [{ name: 'x.png', bytes }]);

  const page = renderChannel(fake, channel);
  expect(page).toContain('like <b>this</b> &lt;b&gt;');
  expect(page).toContain('<a href="https://example.org/1">Blue shirt</a>');
  expect(page).toContain('<div class="subtext">0.91, very similar</div>');
  expect(page).toContain('alt="A &quot;blue&quot; shirt"');
  expect(page).toContain('<span class="button s1">More</span>');
  expect(page.split(`src="data:image/png;base64,${bytes.toString('base64')}"`)).toHaveLength(3);
});

it('shows one person what that person sees', async () => {
  await plainRequest(fake, 'PUT', `/applications/${fake.applicationId}/commands`, [
    { name: 'help', description: 'Helps' },
  ]);
  const seen = await ana.slash('help', {}, { in: channel });
  const token = fake.world.interactions.get(seen.id)?.token ?? '';
  const path = `/interactions/${seen.id}/${token}/callback`;
  await plainRequest(fake, 'POST', path, { type: 5, data: { flags: MessageFlags.Ephemeral } });
  const ben = fake.user('ben');
  guild.join(ben);
  expect(renderChannel(fake, channel, { viewer: ana })).toContain('is thinking');
  expect(renderChannel(fake, channel, { viewer: ana })).toContain('Only you can see this');
  expect(renderChannel(fake, channel, { viewer: ben })).not.toContain('is thinking');
});
