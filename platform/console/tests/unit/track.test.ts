import { describe, expect, it } from 'vitest';
import type { TrackFix, TrackGap } from '../../src/api/types';
import { boundsOf, ends, GAP_FROM_MS, gapFeatures, middleOf, runFeatures, splitTrack } from '../../src/map/track';
import { styleOf } from '../../src/map/style';
import { OUTLINE } from '../fixtures/outline';
import { PATROLS, patrolDetail } from '../fixtures/patrols';

const run = (fromLng: number, fromMs: number, fixes: number): TrackFix[] =>
  Array.from({ length: fixes }, (_, n) => [fromLng + n * 0.0001, 39.75, fromMs + n * 15_000]);
const FIRST = run(123.72, 0, 5);
const SECOND = run(123.73, 900_000, 4);
const GAP: TrackGap = { from: [123.7204, 39.75], to: [123.73, 39.75], seconds: 840 };

/** Every straight stroke that would be drawn solid, as pairs of points. */
function strokes(runs: TrackFix[][]): string[] {
  return runFeatures(runs).features.flatMap(({ geometry }) =>
    geometry.type === 'LineString'
      ? geometry.coordinates.slice(1).map((to, n) => `${geometry.coordinates[n]?.join()}>${to.join()}`)
      : []);
}

describe('a track', () => {
  it('draws one solid line per run and none between runs', () => {
    const { runs } = splitTrack([FIRST, SECOND], [GAP]);
    const lines = runFeatures(runs).features;
    expect(lines.map((line) => line.geometry.coordinates.length)).toEqual([5, 4]);
    expect(strokes(runs)).toHaveLength(4 + 3);
    expect(strokes(runs)).not.toContain('123.7204,39.75>123.73,39.75');
  });

  it('cuts a silence that nobody marked out of a run', () => {
    const { runs, gaps } = splitTrack([[...FIRST, ...SECOND]], []);
    expect(runs).toEqual([FIRST, SECOND]);
    expect(gaps).toEqual([{ from: [FIRST[4]?.[0], 39.75], to: [123.73, 39.75], seconds: 840 }]);
  });

  it('keeps fixes exactly at the limit together', () => {
    const pair: TrackFix[] = [[123.72, 39.75, 0], [123.721, 39.75, GAP_FROM_MS]];
    expect(splitTrack([pair], []).runs).toEqual([pair]);
  });

  it('shows a lone fix as a dot, not as a line to somewhere', () => {
    expect(runFeatures([run(123.72, 0, 1), []]).features.map((feature) => feature.geometry.type)).toEqual(['Point']);
  });

  it('labels a gap in its middle with its own length', () => {
    expect(gapFeatures([GAP]).features[0]?.properties.seconds).toBe(840);
    expect(middleOf(GAP)[0]).toBeCloseTo(123.7252, 6);
  });

  it('knows its ends and its frame', () => {
    expect(ends([FIRST, SECOND])).toEqual({ start: [123.72, 39.75], end: [SECOND[3]?.[0], 39.75] });
    expect(boundsOf([FIRST[0] ?? [], SECOND[0] ?? []])).toEqual([123.72, 39.75, 123.73, 39.75]);
    expect(boundsOf([])).toBeUndefined();
  });
});

describe('the map style', () => {
  const [summary] = PATROLS;
  if (!summary) throw new Error('no fixture patrol');
  const patrol = patrolDetail(summary);
  const style = styleOf(OUTLINE, splitTrack(patrol.runs, patrol.gaps_at));

  it('asks nobody for tiles, glyphs or sprites', () => {
    expect(style.glyphs).toBeUndefined();
    expect(style.sprite).toBeUndefined();
    expect(Object.values(style.sources).every((source) => source.type === 'geojson' && typeof source.data === 'object')).toBe(true);
    expect(JSON.stringify(style)).not.toMatch(/https?:/);
  });

  it('draws gaps dashed and from a source of their own', () => {
    const layers = style.layers.filter((layer) => 'source' in layer && layer.source === 'gaps');
    expect(layers).toHaveLength(1);
    expect(layers[0]?.paint).toHaveProperty('line-dasharray');
    const solid = style.layers.filter((layer) => layer.type === 'line' && layer.source === 'runs');
    expect(solid.every((layer) => !('line-dasharray' in (layer.paint ?? {})))).toBe(true);
  });
});
