/** Turns a patrol's runs into map features. Never joins two runs: where there was no position, nothing solid is drawn. */
import type { Feature, FeatureCollection, LineString, Point } from 'geojson';
import type { LngLat, TrackFix, TrackGap } from '../api/types';

/** Two fixes further apart in time than this do not belong to one line (domain §7). */
export const GAP_FROM_MS = 120_000;

export interface Track { runs: TrackFix[][]; gaps: TrackGap[] }
type RunFeatures = FeatureCollection<LineString | Point>;
type GapFeatures = FeatureCollection<LineString, { seconds: number }>;

const place = ([lng, lat]: TrackFix): LngLat => [lng, lat];

/** The platform's runs and gaps; a silence inside a run that nobody marked is cut out and becomes a gap too. */
export function splitTrack(runs: TrackFix[][], gapsAt: TrackGap[]): Track {
  const track: Track = { runs: [], gaps: [...gapsAt] };
  for (const run of runs) {
    let part: TrackFix[] = [];
    for (const fix of run) {
      const before = part.at(-1);
      if (before && fix[2] - before[2] > GAP_FROM_MS) {
        track.gaps.push({ from: place(before), to: place(fix), seconds: Math.round((fix[2] - before[2]) / 1000) });
        track.runs.push(part);
        part = [];
      }
      part.push(fix);
    }
    if (part.length > 0) track.runs.push(part);
  }
  return track;
}

/** One solid line per run; a run of a single fix is a dot, not a line to somewhere else. */
export function runFeatures(runs: TrackFix[][]): RunFeatures {
  const features = runs.filter((run) => run.length > 0).map((run): Feature<LineString | Point> => {
    const [only] = run;
    const geometry: LineString | Point = run.length === 1 && only
      ? { type: 'Point', coordinates: place(only) }
      : { type: 'LineString', coordinates: run.map(place) };
    return { type: 'Feature', properties: {}, geometry };
  });
  return { type: 'FeatureCollection', features };
}

/** The two ends of each gap, for a dashed line that carries its length. */
export function gapFeatures(gaps: TrackGap[]): GapFeatures {
  return {
    type: 'FeatureCollection',
    features: gaps.map((gap) => ({
      type: 'Feature', properties: { seconds: gap.seconds },
      geometry: { type: 'LineString', coordinates: [gap.from, gap.to] },
    })),
  };
}

export const middleOf = ({ from, to }: TrackGap): LngLat => [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];

export const ends = (runs: TrackFix[][]): { start: LngLat; end: LngLat } | undefined => {
  const [first, last] = [runs.at(0)?.at(0), runs.at(-1)?.at(-1)];
  return first && last ? { start: place(first), end: place(last) } : undefined;
};

export type Bounds = [west: number, south: number, east: number, north: number];

export function boundsOf(points: Iterable<readonly number[]>): Bounds | undefined {
  const bounds: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lng = 0, lat = 0] of points) {
    bounds[0] = Math.min(bounds[0], lng);
    bounds[1] = Math.min(bounds[1], lat);
    bounds[2] = Math.max(bounds[2], lng);
    bounds[3] = Math.max(bounds[3], lat);
  }
  return bounds[0] === Infinity ? undefined : bounds;
}
