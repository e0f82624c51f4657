/** Draws one patrol on the island outline. Asks no other host for tiles, glyphs or sprites. */
import { LngLatBounds, Map as MapLibreMap, NavigationControl, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { Button } from 'antd';
import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import type { Outline, PatrolDetail } from '../api/types';
import { Blank } from '../components/Blank';
import { useText } from '../text/language';
import type { Text } from '../text/zh';
import { addLabels } from './labels';
import { cornersOf, spotsOf } from './outline';
import { styleOf } from './style';
import { type Bounds, boundsOf, splitTrack, type Track } from './track';
import './map.css';

setWorkerUrl(workerUrl);

/** Room for labels, which hang to the right of their points, and for the legend below. */
const PADDING_PX = { top: 60, right: 120, bottom: 80, left: 60 };
const ZOOM_MAX = 18;
const FIT_ZOOM_MAX = 16;

interface Props { patrol: PatrolDetail; outline: Outline }

export default function PatrolMap({ patrol, outline }: Props) {
  const text = useText();
  const frame = useRef<HTMLDivElement>(null);
  const track = useMemo(() => splitTrack(patrol.runs, patrol.gaps_at), [patrol]);
  const island = useMemo(() => boundsOf(cornersOf(outline)), [outline]);
  const walked = useMemo(() => boundsOf(track.runs.flat()), [track]);
  const { map, failed } = useMap(frame, patrol, outline, track, walked ?? island, text);
  const show = (bounds: Bounds | undefined) => fit(map.current, bounds);

  if (failed) return <div className="map-frame map-blank"><Blank text={text.patrol.mapFailed} hint={text.patrol.mapFailedHint} /></div>;
  return (
    <div className="map-frame">
      <div ref={frame} className="map" data-testid="patrol-map" />
      <div className="map-views">
        {island && <Button size="small" onClick={() => show(island)}>{text.patrol.showIsland}</Button>}
        {walked && <Button size="small" onClick={() => show(walked)}>{text.patrol.showTrack}</Button>}
      </div>
      {!walked && <div className="map-note"><strong>{text.patrol.noTrack}</strong><span>{text.patrol.noTrackHint}</span></div>}
      <Legend text={text} />
    </div>
  );
}

function useMap(
  frame: RefObject<HTMLDivElement | null>, patrol: PatrolDetail, outline: Outline, track: Track, bounds: Bounds | undefined, text: Text,
) {
  const map = useRef<MapLibreMap | undefined>(undefined);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (!frame.current) return undefined;
    try {
      map.current = openMap(frame.current, outline, track, bounds, text);
    } catch {
      setFailed(true);
      return undefined;
    }
    const opened = map.current;
    addLabels(opened, patrol, track, spotsOf(outline), text);
    return () => opened.remove();
  }, [frame, patrol, outline, track, bounds, text]);
  return { map, failed };
}

function openMap(container: HTMLElement, outline: Outline, track: Track, bounds: Bounds | undefined, text: Text): MapLibreMap {
  const map = new MapLibreMap({
    container, style: styleOf(outline, track), attributionControl: false, maxZoom: ZOOM_MAX,
    dragRotate: false, pitchWithRotate: false, touchPitch: false, renderWorldCopies: false,
    locale: {
      'Map.Title': text.patrol.map,
      'NavigationControl.ZoomIn': text.patrol.zoomIn,
      'NavigationControl.ZoomOut': text.patrol.zoomOut,
    },
    ...(bounds ? { bounds, fitBoundsOptions: { padding: PADDING_PX, maxZoom: FIT_ZOOM_MAX } } : {}),
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new ScaleControl({ unit: 'metric' }), 'bottom-right');
  return map;
}

function fit(map: MapLibreMap | undefined, bounds: Bounds | undefined): void {
  if (bounds) map?.fitBounds(new LngLatBounds(bounds), { padding: PADDING_PX, maxZoom: FIT_ZOOM_MAX, duration: 300 });
}

function Legend({ text }: { text: Text }) {
  const words = text.patrol;
  return (
    <ul className="legend">
      <li><i className="legend-run" />{words.legendRun}</li>
      <li><i className="legend-gap" />{words.legendGap}</li>
      <li><i className="legend-post" />{words.legendPost}</li>
      <li><i className="legend-checkpoint" />{words.legendCheckpoint}</li>
      <li><i className="legend-finding" />{words.legendObservation}</li>
      <li className="legend-note">{words.outlineNote}</li>
    </ul>
  );
}
