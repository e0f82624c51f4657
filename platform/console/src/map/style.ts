/** The map's whole style: water, land, track. It names no source on another host and needs no glyphs. */
import type { StyleSpecification } from 'maplibre-gl';
import type { Outline } from '../api/types';
import { landOf } from './outline';
import { gapFeatures, runFeatures, type Track } from './track';

export const TRACK_COLOUR = '#0e6473';
export const GAP_COLOUR = '#a34a12';

export function styleOf(outline: Outline, track: Track): StyleSpecification {
  return {
    version: 8,
    sources: {
      land: { type: 'geojson', data: landOf(outline) },
      gaps: { type: 'geojson', data: gapFeatures(track.gaps) },
      runs: { type: 'geojson', data: runFeatures(track.runs) },
    },
    layers: [
      { id: 'water', type: 'background', paint: { 'background-color': '#d7e5e8' } },
      { id: 'shore', type: 'line', source: 'land', paint: { 'line-color': '#eaf2f3', 'line-width': 10, 'line-blur': 6 } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': '#f6f3e9' } },
      { id: 'coast', type: 'line', source: 'land', paint: { 'line-color': '#b5a988', 'line-width': 1.3 } },
      {
        id: 'gaps', type: 'line', source: 'gaps',
        paint: { 'line-color': GAP_COLOUR, 'line-width': 2, 'line-dasharray': [1.2, 2.2], 'line-opacity': 0.9 },
      },
      {
        id: 'run-edge', type: 'line', source: 'runs', filter: ['==', ['geometry-type'], 'LineString'],
        layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': '#fff', 'line-width': 6.5 },
      },
      {
        id: 'runs', type: 'line', source: 'runs', filter: ['==', ['geometry-type'], 'LineString'],
        layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': TRACK_COLOUR, 'line-width': 3.4 },
      },
      {
        id: 'lone-fixes', type: 'circle', source: 'runs', filter: ['==', ['geometry-type'], 'Point'],
        paint: { 'circle-radius': 4, 'circle-color': TRACK_COLOUR, 'circle-stroke-color': '#fff', 'circle-stroke-width': 1.5 },
      },
    ],
  };
}
