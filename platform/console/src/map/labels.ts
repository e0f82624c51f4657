/** Labels are HTML on top of the map, so that no glyph server is needed and Chinese text is the page's own. */
import { type Map as MapLibreMap, Marker } from 'maplibre-gl';
import type { LngLat, PatrolDetail } from '../api/types';
import type { Text } from '../text/zh';
import { type Box, placeLabels, type Side, type Wish } from './declutter';
import type { Spot } from './outline';
import { ends, middleOf, type Track } from './track';

interface Label { at: LngLat; className: string; text: string; title?: string; sign: number; sides: readonly Side[]; must: boolean }
interface Placed extends Label { element: HTMLElement; words: HTMLElement }

const BESIDE: readonly Side[] = ['right', 'left', 'top', 'bottom'];
const OVER: readonly Side[] = ['top', 'bottom', 'right', 'left'];
const TRACK_POINTS_MAX = 400;
const TRACK_HALF_PX = 4;
const SIGN_PX = { post: 7, checkpoint: 6, finding: 11, tip: 12 };

export function gapText(seconds: number, text: Text): string {
  return seconds < 60 ? text.patrol.gapLabelSeconds(seconds) : text.patrol.gapLabel(Math.round(seconds / 60));
}

/** Puts the words on the map and keeps them apart while it moves: gaps first, then posts, then checkpoints. */
export function addLabels(map: MapLibreMap, patrol: PatrolDetail, track: Track, spots: Spot[], text: Text): void {
  const placed = labelsOf(patrol, track, spots, text).map((label) => place(map, label));
  const line = sampleOf(track);
  const arrange = () => {
    const sides = placeLabels(placed.map((label) => wishOf(map, label)), line.map((at) => dotOf(map, at)));
    placed.forEach(({ element }, index) => { element.dataset['side'] = sides[index]; });
  };
  arrange();
  map.on('move', arrange);
  map.on('resize', arrange);
}

/** Enough points of the track to keep words off it, few enough to look at on every frame. */
function sampleOf(track: Track): LngLat[] {
  const fixes = track.runs.flat();
  const every = Math.max(1, Math.ceil(fixes.length / TRACK_POINTS_MAX));
  return fixes.filter((_, index) => index % every === 0).map(([lng, lat]) => [lng, lat]);
}

function dotOf(map: MapLibreMap, at: LngLat): Box {
  const { x, y } = map.project(at);
  return { left: x - TRACK_HALF_PX, top: y - TRACK_HALF_PX, width: 2 * TRACK_HALF_PX, height: 2 * TRACK_HALF_PX };
}

function labelsOf(patrol: PatrolDetail, track: Track, spots: Spot[], text: Text): Label[] {
  const visited = new Set(patrol.visits.map((visit) => visit.checkpoint));
  const gaps = track.gaps.map((gap): Label => (
    { at: middleOf(gap), className: 'gap-label', text: gapText(gap.seconds, text), sign: 0, sides: OVER, must: true }));
  return [...gaps, ...tipsOf(track, text), ...findingsOf(patrol), ...spotsByWeight(spots, visited)];
}

function tipsOf(track: Track, text: Text): Label[] {
  const tips = ends(track.runs);
  if (!tips) return [];
  const tip = { text: '', sign: SIGN_PX.tip, sides: BESIDE, must: false };
  return [
    { ...tip, at: tips.end, className: 'tip tip-end', title: text.patrol.end },
    { ...tip, at: tips.start, className: 'tip', title: text.patrol.start },
  ];
}

function findingsOf(patrol: PatrolDetail): Label[] {
  return patrol.observations.flatMap((observation, index) => (observation.point
    ? [{ at: observation.point, className: 'finding', text: '', title: String(index + 1), sign: SIGN_PX.finding, sides: BESIDE, must: false }]
    : []));
}

/** Posts, then the checkpoints this patrol visited, then the others. */
function spotsByWeight(spots: Spot[], visited: ReadonlySet<string>): Label[] {
  const weight = (spot: Spot) => (spot.kind === 'post' ? 0 : visited.has(spot.code) ? 1 : 2);
  return spots.toSorted((a, b) => weight(a) - weight(b)).map((spot) => ({
    at: spot.at, text: spot.name, sign: SIGN_PX[spot.kind], sides: BESIDE, must: false,
    className: `spot spot-${spot.kind} ${visited.has(spot.code) ? 'spot-visited' : ''}`,
  }));
}

function place(map: MapLibreMap, label: Label): Placed {
  const element = document.createElement('div');
  element.className = `map-label ${label.className}`;
  if (label.title) element.append(span('map-sign', label.title));
  const words = span('map-words', label.text);
  element.append(words);
  new Marker({ element, anchor: 'center' }).setLngLat(label.at).addTo(map);
  return { ...label, element, words };
}

function span(className: string, text: string): HTMLSpanElement {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = text;
  return element;
}

function wishOf(map: MapLibreMap, { at, words, sign, sides, must, text }: Placed): Wish {
  const { x, y } = map.project(at);
  const size = text ? { width: words.offsetWidth, height: words.offsetHeight } : { width: 0, height: 0 };
  return { x, y, ...size, sign, sides, must };
}
