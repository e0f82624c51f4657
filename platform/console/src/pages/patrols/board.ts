/** Lays one day's patrols out on a 24-hour strip per post. Times are Shanghai's. */
import type { PatrolSummary } from '../../api/types';
import { dayOf, shareOfDay } from '../../time/time';

export interface Bar { patrol: PatrolSummary; from: number; to: number; lane: number }
export interface PostStrip { post: string; name: string; lanes: number; bars: Bar[] }

const SHARE_MIN = 0.006;

/** Overlapping patrols of one post get lanes of their own; a patrol over midnight is cut at the day's edge. */
export function stripsOf(patrols: PatrolSummary[], day: string, nowAt: string): PostStrip[] {
  const strips = new Map<string, PostStrip>();
  const byStart = patrols.toSorted((a, b) => a.started_at.localeCompare(b.started_at));
  for (const patrol of byStart) {
    const strip = strips.get(patrol.post) ?? { post: patrol.post, name: patrol.post_name, lanes: 0, bars: [] };
    strips.set(patrol.post, strip);
    const { from, to } = sharesOf(patrol, day, nowAt);
    const lane = freeLane(strip, from);
    strip.bars.push({ patrol, from, to, lane });
    strip.lanes = Math.max(strip.lanes, lane + 1);
  }
  return [...strips.values()].sort((a, b) => a.post.localeCompare(b.post));
}

function sharesOf(patrol: PatrolSummary, day: string, nowAt: string): { from: number; to: number } {
  const endedAt = patrol.ended_at ?? nowAt;
  const from = dayOf(patrol.started_at) < day ? 0 : shareOfDay(patrol.started_at);
  const to = dayOf(endedAt) > day ? 1 : shareOfDay(endedAt);
  return { from, to: Math.max(to, from + SHARE_MIN) };
}

function freeLane(strip: PostStrip, from: number): number {
  for (let lane = 0; lane < strip.lanes; lane += 1) {
    if (strip.bars.every((bar) => bar.lane !== lane || bar.to <= from)) return lane;
  }
  return strip.lanes;
}
