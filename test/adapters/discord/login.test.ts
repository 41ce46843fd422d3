import { afterEach, describe, expect, it } from 'vitest';
import { createLoginThrottle, waitAfter } from '../../../src/adapters/discord/api/login-throttle.ts';
import { EXIT_CODES, OperatorError } from '../../../src/util/errors.ts';
import { createManualClock } from '../../fakes/clock.ts';
import { createMemoryStore } from '../../memory-store.ts';
import { createFastClock } from '../../test-clock.ts';
import { type OpenDoor, openDoor, photo } from './open-door.ts';

let door: OpenDoor | undefined;

afterEach(async () => {
  await door?.close();
  door = undefined;
});

describe('logging in', () => {
  it('reports a token that Discord does not know in one line, with a specific exit code', async () => {
    door = await openDoor();
    const token = 'MTE0NzI1ODM2OTAxMjM0NTY3OA.GwrongX.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
    const failure: unknown = await door
      .another({ settings: { token } })
      .start()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OperatorError);
    expect((failure as OperatorError).exitCode).toBe(EXIT_CODES.badToken);
    expect((failure as OperatorError).message).toMatch(
      /^Discord does not know this DISCORD_TOKEN.*portal[^\n]*$/,
    );
    expect(door.fake.gateway.counts.identifies).toBe(0);
    expect(door.lines.join('')).not.toContain(token.split('.')[2]);
  });

  it('fails with one line that names the intent and the setting when the intent is off', async () => {
    door = await openDoor({ fake: { privilegedIntents: [] } });
    const failure: unknown = await door.adapter.start().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OperatorError);
    expect((failure as OperatorError).message).toMatch(
      /^[^\n]*4014[^\n]*Message Content Intent[^\n]*DISCORD_MESSAGE_CONTENT=off[^\n]*$/,
    );
    expect(door.lines).toEqual([]);
    expect(door.fake.gateway.sessions).toEqual([]);
  });

  it('logs once that the intent was switched off while it runs, and does not connect again', async () => {
    door = await openDoor();
    await door.adapter.start();
    const { fake, lines, adapter } = door;
    const { counts } = fake.gateway;
    fake.gateway.close(4014);
    await fake.waitFor('the line', () => lines.some((line) => line.includes('4014')));
    expect(lines.filter((line) => line.includes('"level":50'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('DISCORD_MESSAGE_CONTENT=off'))).toHaveLength(1);
    await adapter.stop();
    expect(counts).toMatchObject({ identifies: 1, resumes: 0 });
  });

  it('keeps trying while Discord does not answer, with growing pauses', async () => {
    const clock = createFastClock();
    door = await openDoor({ dependencies: { clock }, fake: { clock: clock.platform } });
    door.fake.faults.next({ route: '/gateway/bot' }, { kind: 'status', status: 503 }, 8);
    await door.adapter.start();
    const { fake } = door;
    await fake.waitFor('the session', () => fake.gateway.counts.identifies === 1);
    expect(door.lines.filter((line) => line.includes('keeps trying'))).toHaveLength(1);
  });

  it('logs in with two shards that share one conversation, embedder and index', async () => {
    door = await openDoor({ fake: { limits: { identifyConcurrency: 2 } }, settings: { shards: 2 } });
    const { fake, ana } = door;
    const channels = Array.from({ length: 4 }, (_, n) => {
      fake.clock.advance(1);
      const guild = fake.guild(`g${n}`);
      guild.join(ana);
      return guild.textChannel('outfits');
    });
    await door.adapter.start();
    // Both shards may log in at the same time, so either can be first.
    expect(fake.gateway.sessions.map(({ shard }) => shard).sort()).toEqual([
      [0, 2],
      [1, 2],
    ]);
    for (const channel of channels) await ana.post(channel, { mention: ['bot'], files: [await photo()] });
    for (const channel of channels) {
      const found = await fake.waitFor('an answer', () => fake.bot.messagesIn(channel)[0]);
      expect(found.gallery).toHaveLength(5);
    }
    const shards = new Set(channels.map(({ guildId }) => Number((BigInt(guildId ?? 0) >> 22n) % 2n)));
    expect(shards).toEqual(new Set([0, 1]));
    // It is the same picture everywhere, so it is embedded once for both shards.
    expect(await door.bot.metrics.render()).toMatch(
      /fashion_stage_duration_seconds_count\{stage="embed"\} 1\b/,
    );
  });

  it('uses as many shards as Discord recommends', async () => {
    door = await openDoor({
      fake: { shards: 3, limits: { identifyConcurrency: 3 } },
      settings: { shards: 'auto' },
    });
    await door.adapter.start();
    expect(door.fake.gateway.sessions).toHaveLength(3);
  });
});

describe('the pause between logins', () => {
  it('doubles from the seventh login of an hour on, up to ten minutes', () => {
    const waits = [0, 1, 6, 7, 8, 12, 13, 100].map(waitAfter);
    expect(waits).toEqual([5250, 5250, 5250, 10_500, 21_000, 336_000, 600_000, 600_000]);
    // A login storm stays far below the thousand a day after which Discord replaces the token.
    let day = 0;
    let logins = 0;
    const times: number[] = [];
    while (day < 24 * 3_600_000) {
      const recent = times.filter((time) => time > day - 3_600_000).length;
      times.push(day);
      day += waitAfter(recent + 1);
      logins++;
    }
    expect(logins).toBeLessThan(400);
  });

  it('survives a restart', async () => {
    const clock = createManualClock(Date.now());
    const store = createMemoryStore();
    const waits: number[] = [];
    const paced = (shards = 1) =>
      createLoginThrottle({
        store: store.namespace('discord-logins'),
        applicationId: '1',
        clock: {
          now: () => clock.now(),
          wait: (ms) => {
            waits.push(ms);
            clock.advance(ms);
            return Promise.resolve();
          },
        },
        logger: { warn: () => undefined },
      })({ concurrency: 1, shards });
    for (let start = 0; start < 9; start++) {
      await paced().waitForIdentify(0, new AbortController().signal);
    }
    expect(waits).toEqual([5250, 5250, 5250, 5250, 5250, 5250, 10_500, 21_000]);
    // Many shards log in one after the other without growing pauses.
    waits.length = 0;
    for (let shard = 0; shard < 9; shard++)
      await paced(9).waitForIdentify(shard, new AbortController().signal);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5250);
  });
});
