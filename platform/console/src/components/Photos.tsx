import { FileOutlined, MobileOutlined } from '@ant-design/icons';
import { Image } from 'antd';
import { useState } from 'react';
import { api } from '../api/api';
import type { Attachment } from '../api/types';
import { useText } from '../text/language';
import { term } from '../text/term';
import { shortOf } from '../time/time';
import './photos.css';

/** Thumbnails of what is here; for the rest, that it is still on a phone, and on which. */
export function Photos({ attachments }: { attachments: Attachment[] }) {
  const [shown, setShown] = useState<number>();
  const pictures = attachments.filter((attachment) => attachment.here && isPicture(attachment));
  return (
    <>
      <ul className="photos">
        {attachments.map((attachment, index) => (
          <li key={`${attachment.sha256} ${index}`}>
            <Tile attachment={attachment} number={index + 1} onOpen={() => setShown(pictures.indexOf(attachment))} />
          </li>
        ))}
      </ul>
      <Image.PreviewGroup
        items={pictures.map((attachment) => api.attachmentUrl(attachment.sha256))}
        preview={{
          open: shown !== undefined, current: shown ?? 0,
          onOpenChange: (open) => { if (!open) setShown(undefined); },
          onChange: (current) => setShown(current),
        }}
      />
    </>
  );
}

const isPicture = (attachment: Attachment): boolean => attachment.mime.startsWith('image/');

function Tile({ attachment, number, onOpen }: { attachment: Attachment; number: number; onOpen: () => void }) {
  const text = useText();
  const words = text.task;
  const role = term(text.attachmentRole, attachment.role);
  return (
    <figure className="photo">
      <Face attachment={attachment} label={words.photoOf(role, number)} role={role} onOpen={onOpen} />
      <figcaption className="small">{role}<span className="quiet number"> {shortOf(attachment.taken_at)}</span></figcaption>
    </figure>
  );
}

function Face({ attachment, label, role, onOpen }: { attachment: Attachment; label: string; role: string; onOpen: () => void }) {
  const words = useText().task;
  const [broken, setBroken] = useState(false);
  const url = api.attachmentUrl(attachment.sha256);
  if (!attachment.here) {
    const away = attachment.phone_label ? words.photoAwayOn(attachment.phone_label) : words.photoAway;
    return <div className="photo-face photo-away"><MobileOutlined aria-hidden="true" /><span>{away}</span></div>;
  }
  if (!isPicture(attachment)) {
    return <a className="photo-face photo-away" href={url} download><FileOutlined aria-hidden="true" /><span>{words.fileOf(role)}</span></a>;
  }
  if (broken) return <div className="photo-face photo-away"><span>{words.photoBroken}</span></div>;
  return (
    <button type="button" className="photo-face photo-open" onClick={onOpen}>
      <img src={url} alt={label} loading="lazy" decoding="async" onError={() => setBroken(true)} />
    </button>
  );
}
