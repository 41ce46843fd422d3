/** Pictures and a gallery answer, for the fake's own tests. */

import {
  ActionRowBuilder,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  ContainerBuilder,
  MediaGalleryBuilder,
  MediaGalleryItemBuilder,
  MessageFlags,
  TextDisplayBuilder,
} from 'discord.js';
import sharp from 'sharp';

const COLOURS = ['#c0392b', '#2980b9', '#27ae60', '#f39c12', '#8e44ad'] as const;

export async function picture(colour = '#336699', width = 40, height = 30): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: colour } })
    .png()
    .toBuffer();
}

export async function fivePictures(): Promise<Buffer[]> {
  return Promise.all(COLOURS.map(async (colour) => picture(colour)));
}

/** What an answer of this bot is made of: a container with text, five pictures and buttons. */
export function galleryAnswer(pictures: readonly Buffer[]): {
  files: AttachmentBuilder[];
  components: ContainerBuilder[];
  flags: MessageFlags.IsComponentsV2;
} {
  const files = pictures.map(
    (bytes, index) => new AttachmentBuilder(bytes, { name: `item-${index + 1}.png` }),
  );
  const items = pictures.map((_, index) =>
    new MediaGalleryItemBuilder()
      .setURL(`attachment://item-${index + 1}.png`)
      .setDescription(`Item ${index + 1}, a shirt`),
  );
  const row = new ActionRowBuilder<ButtonBuilder>().addComponents(
    new ButtonBuilder().setCustomId('more:1').setLabel('More').setStyle(ButtonStyle.Primary),
    new ButtonBuilder().setCustomId('delete:1').setLabel('Delete').setStyle(ButtonStyle.Danger),
  );
  const container = new ContainerBuilder()
    .addTextDisplayComponents(new TextDisplayBuilder().setContent('**Five items**'))
    .addMediaGalleryComponents(new MediaGalleryBuilder().addItems(items))
    .addActionRowComponents(row);
  return { files, components: [container], flags: MessageFlags.IsComponentsV2 };
}
