import { describe, expect, it } from 'vitest';
import type { DueColour, Timeliness } from '../../src/api/types';
import { dueSign } from '../../src/components/due';
import { inDoubt } from '../../src/pages/devices/Doubts';
import { DEVICES } from '../fixtures/devices';
import { TASKS } from '../fixtures/tasks';

describe('what stands for a time', () => {
  it('is never overdue while it waits for a person, whatever the light says', () => {
    for (const light of ['green', 'yellow', 'red', 'done'] as DueColour[]) {
      expect(dueSign({ light, timeliness: 'undecided', extension_waits: false })).toBe('undecided');
      expect(dueSign({ light, timeliness: 'undecided', extension_waits: true })).toBe('undecided');
      expect(dueSign({ light, timeliness: 'undecided', extension_waits: true, done_at: '2026-01-20T02:00:00.000Z' })).toBe('asked');
    }
  });

  it('is the light while a task is open, and says done or stopped afterwards', () => {
    const signs = ([['red', 'open'], ['green', 'open'], ['done', 'on_time'], ['done', 'overdue'], ['done', 'stopped']] as [DueColour, Timeliness][])
      .map(([light, timeliness]) => dueSign({ light, timeliness, extension_waits: false }));
    expect(signs).toEqual(['red', 'green', 'done', 'done', 'stopped']);
    expect(TASKS.filter((task) => dueSign(task) === 'undecided').map((task) => task.done_at)).toEqual([undefined]);
  });
});

describe('a device', () => {
  it('is in doubt when its log and the platform do not agree', () => {
    expect(DEVICES.filter(inDoubt).map((device) => device.phone_label)).toEqual(['机动组 2 号机']);
  });
});
