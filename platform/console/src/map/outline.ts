/** Reads the platform's outline: land to fill, and the posts and checkpoints to label. */
import type { Feature, FeatureCollection, Geometry, Point, Position } from 'geojson';
import type { LngLat, Outline, OutlineProperties } from '../api/types';

export interface Spot { name: string; code: string; kind: 'post' | 'checkpoint'; at: LngLat }

export function landOf(outline: Outline): FeatureCollection {
  return { type: 'FeatureCollection', features: outline.features.filter(({ geometry }) => !isPoint(geometry)) };
}

export function spotsOf(outline: Outline): Spot[] {
  return outline.features.flatMap((feature: Feature<Geometry, OutlineProperties>) => {
    const { geometry, properties } = feature;
    if (!isPoint(geometry)) return [];
    const [lng = 0, lat = 0] = geometry.coordinates;
    return [{ name: properties.name, code: properties.code ?? '', kind: properties.kind === 'post' ? 'post' : 'checkpoint', at: [lng, lat] }];
  });
}

/** Names of the posts by their codes. */
export function postNames(outline: Outline): Record<string, string> {
  return Object.fromEntries(spotsOf(outline).filter(({ kind }) => kind === 'post').map(({ code, name }) => [code, name]));
}

/** Every corner of the land, for fitting the map to it. */
export function* cornersOf(outline: Outline): Generator<Position> {
  for (const { geometry } of landOf(outline).features) {
    if (geometry.type === 'Polygon') yield* geometry.coordinates.flat();
    else if (geometry.type === 'MultiPolygon') yield* geometry.coordinates.flat(2);
    else if (geometry.type === 'LineString') yield* geometry.coordinates;
  }
}

const isPoint = (geometry: Geometry): geometry is Point => geometry.type === 'Point';
