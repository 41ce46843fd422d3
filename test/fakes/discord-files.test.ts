import { ComponentType, MessageFlags } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBoutique } from './discord/boutique.ts';
import type { FakeChannel } from './discord/fake-types.ts';
import { type PlainAnswer, findings, plainRequest } from './discord/connect.ts';
import { type FakeDiscord, startFakeDiscord } from './discord/fake-discord.ts';

const V2 = MessageFlags.IsComponentsV2;
const MIB = 1024 * 1024;

let fake: FakeDiscord;
let channel: FakeChannel;

beforeEach(async () => {
  fake = await startFakeDiscord({ rateLimits: 'off' });
  ({ channel } = openBoutique(fake));
});

afterEach(async () => {
  await fake.stop();
});

describe('files', () => {
  it('are refused when there are eleven, when one is larger than 10 MiB, or all together than 25 MiB', async () => {
    const small = { name: 'a.png', bytes: Buffer.alloc(10) };
    expect(
      await send(
        {},
        times(11, () => small),
      ),
    ).toMatchObject({ status: 400, json: { code: 30015 } });
    const large = { name: 'a.png', bytes: Buffer.alloc(10 * MIB + 1) };
    expect(await send({}, [large])).toMatchObject({ status: 413, json: { code: 40005 } });
    const nine = { name: 'a.png', bytes: Buffer.alloc(9 * MIB) };
    expect(await send({}, [nine, nine, nine])).toMatchObject({ status: 413, json: { code: 40005 } });
    expect(await send({}, [nine])).toMatchObject({ status: 200 });
  });

  it('are named by the request, described, and must exist', async () => {
    const file = { name: 'my picture.png', bytes: Buffer.alloc(10) };
    const unknown = await send({ attachments: [{ id: 1 }] }, [file]);
    expect(findings(unknown.json.errors)).toEqual(['attachments.0.id: ATTACHMENT_NOT_FOUND']);
    const long = await send({ attachments: [{ id: 0, description: 'x'.repeat(1025) }] }, [file]);
    expect(findings(long.json.errors)).toEqual(['attachments.0.description: BASE_TYPE_MAX_LENGTH']);
    const sent = await send({ attachments: [{ id: 0, description: 'fine' }] }, [file]);
    expect(sent.json).toMatchObject({ attachments: [{ filename: 'my_picture.png', description: 'fine' }] });
  });

  it('can be let go after they were measured, so that a long soak stays level', async () => {
    await fake.stop();
    fake = await startFakeDiscord({ keepUploads: false });
    ({ channel } = openBoutique(fake));
    const sent = await send({}, [{ name: 'a.png', bytes: Buffer.alloc(10) }]);
    expect(sent.json).toMatchObject({ attachments: [{ size: 10 }] });
    expect(fake.bot.messagesIn(channel)[0]?.files[0]?.bytes).toHaveLength(0);
  });

  it('of a message stay only as far as an edit lists them', async () => {
    const files = times(2, (n) => ({ name: `${n}.png`, bytes: Buffer.from([n]) }));
    const sent = await send({ content: 'x' }, files);
    const [first, second] = sent.json.attachments as { id: string }[];
    const path = `/channels/${channel.id}/messages/${String(sent.json.id)}`;
    const edited = await plainRequest(fake, 'PATCH', path, { attachments: [{ id: second?.id }] });
    expect(edited.json).toMatchObject({ attachments: [{ id: second?.id }] });
    const gone = await plainRequest(fake, 'PATCH', path, { attachments: [{ id: first?.id }] });
    expect(findings(gone.json.errors)).toEqual(['attachments.0.id: ATTACHMENT_NOT_FOUND']);
    // A component can name a kept file only when the request lists it by id and by name.
    const flags = { flags: V2, content: null };
    const components = [
      { type: ComponentType.MediaGallery, items: [{ media: { url: 'attachment://1.png' } }] },
    ];
    const nameless = await plainRequest(fake, 'PATCH', path, {
      ...flags,
      components,
      attachments: [{ id: second?.id }],
    });
    expect(findings(nameless.json.errors)[0]).toContain('REFERENCED_ATTACHMENT_NOT_FOUND');
    const listed = [{ id: second?.id, filename: '1.png' }];
    expect(
      await plainRequest(fake, 'PATCH', path, { ...flags, components, attachments: listed }),
    ).toMatchObject({
      status: 200,
      json: { attachments: [] },
    });
    expect(fake.bot.messagesIn(channel)[0]?.gallery[0]?.file?.bytes).toEqual(Buffer.from([1]));
  });
});

describe('an edit', () => {
  it('can set the components flag once the old fields are emptied, and never remove it', async () => {
    const sent = await send({ content: 'x' });
    const path = `/channels/${channel.id}/messages/${String(sent.json.id)}`;
    const kept = await plainRequest(fake, 'PATCH', path, { flags: V2, components: [text('y')] });
    expect(findings(kept.json.errors)).toEqual([
      'content: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ]);
    const emptied = await plainRequest(fake, 'PATCH', path, {
      flags: V2,
      content: null,
      components: [text('y')],
    });
    expect(emptied.status).toBe(200);
    const removed = await plainRequest(fake, 'PATCH', path, { flags: 0, components: [text('z')] });
    expect(findings(removed.json.errors)).toEqual(['flags: MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG']);
    const legacy = await plainRequest(fake, 'PATCH', path, { content: 'again' });
    expect(findings(legacy.json.errors)).toEqual([
      'content: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ]);
    expect(fake.bot.messagesIn(channel)[0]?.edits.map((edit) => edit.content)).toEqual(['x']);
  });

  it('of a message that is gone finds nothing', async () => {
    const sent = await send({ content: 'x' });
    const path = `/channels/${channel.id}/messages/${String(sent.json.id)}`;
    expect((await plainRequest(fake, 'DELETE', path)).status).toBe(204);
    expect(await plainRequest(fake, 'PATCH', path, { content: 'y' })).toMatchObject({
      status: 404,
      json: { code: 10008 },
    });
    expect(await plainRequest(fake, 'DELETE', path)).toMatchObject({ status: 404, json: { code: 10008 } });
  });
});

async function send(
  body: object,
  files?: readonly { readonly name: string; readonly bytes: Buffer }[],
): Promise<PlainAnswer> {
  return plainRequest(fake, 'POST', `/channels/${channel.id}/messages`, body, files);
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function text(content: string): object {
  return { type: ComponentType.TextDisplay, content };
}
