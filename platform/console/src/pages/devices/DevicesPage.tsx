import { Tooltip, type TableProps } from 'antd';
import { api } from '../../api/api';
import type { DeviceSummary } from '../../api/types';
import { List } from '../../components/List';
import { LoadView } from '../../components/LoadView';
import { Freshness, PageHead } from '../../components/PageHead';
import { sliceOf } from '../../hooks/pageSize';
import { useFilters } from '../../hooks/useFilters';
import { useLoad } from '../../hooks/useLoad';
import { useNow } from '../../hooks/useNow';
import { useText } from '../../text/language';
import { term } from '../../text/term';
import type { Text } from '../../text/zh';
import { minuteOf, spanOf } from '../../time/time';
import { Doubts, inDoubt } from './Doubts';
import { needsCare, silentMs } from './silence';
import { troubles } from './trouble';
import './devices.css';

const REFRESH_EVERY_MS = 30_000;
const JUST_NOW_MS = 60_000;
/** Stretches of missing records that a row names; the sum stands for the rest. */
const STRETCHES_SHOWN = 3;

export function DevicesPage() {
  const text = useText();
  const words = text.devices;
  const filters = useFilters();
  const now = useNow();
  const query = sliceOf(filters.page);
  const loaded = useLoad(`devices ${filters.page}`, (signal) => api.devices(query, signal), REFRESH_EVERY_MS);
  return (
    <>
      <PageHead title={words.title} lead={words.lead} actions={<Freshness loaded={loaded} />} />
      <LoadView loaded={loaded}>
        {(page) => {
          const silent = page.items.filter((device) => needsCare(device, now)).length;
          return (
            <>
              {silent > 0 && <p className="devices-summary"><span className="tag tag-care">{words.care}</span> {words.summary(silent)}</p>}
              <List<DeviceSummary>
                label={words.title} rows={page.items} total={page.total} page={filters.page} onPage={filters.setPage}
                columns={columnsOf(text, now)} rowKey={(device) => device.device} empty={words.empty}
                expandable={{
                  showExpandColumn: false,
                  rowExpandable: inDoubt,
                  expandedRowKeys: page.items.filter(inDoubt).map((device) => device.device),
                  expandedRowRender: (device) => <Doubts device={device} />,
                }}
              />
            </>
          );
        }}
      </LoadView>
    </>
  );
}

function columnsOf(text: Text, now: number): NonNullable<TableProps<DeviceSummary>['columns']> {
  const words = text.devices;
  return [
    {
      title: words.phone, key: 'phone', render: (_, device) => (
        <div className="stack"><strong>{device.phone_label}</strong>
          <span className="quiet small">{term(text.platform, device.platform)} {device.app_version}{device.revoked_at && ` · ${words.revoked}`}</span>
          {troubles(device).map((trouble) => <span className="small" key={trouble}><span className="tag tag-care">{trouble === 'spaceLow' ? words.spaceLow : words.clockWrong}</span></span>)}
        </div>
      ),
    },
    { title: words.worker, key: 'worker', width: 120, render: (_, device) => device.worker.name },
    { title: words.lastContact, key: 'contact', width: 220, render: (_, device) => <Contact device={device} now={now} /> },
    { title: words.unsent, key: 'unsent', width: 240, render: (_, device) => <Unsent device={device} /> },
    {
      title: words.photos, key: 'photos', width: 130,
      render: (_, device) => (device.photos_missing > 0
        ? <span className="photo-count photo-count-waiting">{words.photosOf(device.photos_missing)}</span>
        : <span className="quiet">{text.common.none}</span>),
    },
    { title: words.parked, key: 'parked', width: 128, render: (_, device) => <Parked device={device} /> },
  ];
}

function Contact({ device, now }: { device: DeviceSummary; now: number }) {
  const words = useText().devices;
  const silent = silentMs(device, now);
  const ago = silent === undefined ? words.never : silent < JUST_NOW_MS ? words.justNow : words.ago(spanOf(silent));
  return (
    <div className="stack">
      <span className="contact">
        <span>{ago}</span>
        {needsCare(device, now) && <Tooltip title={words.careHint}><span className="tag tag-care">{words.care}</span></Tooltip>}
      </span>
      {device.last_contact_at && <span className="quiet small number">{minuteOf(device.last_contact_at)}</span>}
    </div>
  );
}

function Unsent({ device }: { device: DeviceSummary }) {
  const words = useText().devices;
  return (
    <div className="stack">
      {device.unsent > 0 ? <strong>{words.unsentOf(device.unsent)}</strong> : <span>{words.allReceived}</span>}
      {device.unsent > 0 && device.oldest_unsent_at && (
        <span className="quiet small">{words.oldest(minuteOf(device.oldest_unsent_at))}</span>
      )}
      <span className="quiet small number">{words.receivedOf(device.received_to, device.head)}</span>
      {device.missing.slice(0, STRETCHES_SHOWN).map((range) => (
        <span className="quiet small number" key={`${range.epoch} ${range.from}`}>{words.missing(range.from, range.to)}</span>
      ))}
      {device.missing.length > STRETCHES_SHOWN && <span className="quiet small number">{words.missingAll(device.missing_count)}</span>}
      {device.received_to > 0 && (
        <span className="quiet small number">{device.backed_up_to > 0 ? words.backedUp(device.backed_up_to) : words.notBackedUp}</span>
      )}
    </div>
  );
}

function Parked({ device }: { device: DeviceSummary }) {
  const { devices: words, common } = useText();
  if (device.parked === 0) return <span className="quiet">{common.none}</span>;
  return <Tooltip title={words.parkedHint}><span className="tag tag-late">{words.parkedOf(device.parked)}</span></Tooltip>;
}
