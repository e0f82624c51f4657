import {
  CompassOutlined, ContainerOutlined, FileDoneOutlined, LogoutOutlined, MobileOutlined, NumberOutlined,
} from '@ant-design/icons';
import { App, Button } from 'antd';
import { type ReactNode, useEffect, useRef } from 'react';
import { NavLink, Outlet, useLocation, useNavigation } from 'react-router';
import { api } from '../api/api';
import type { Me } from '../api/types';
import { LanguageSwitch } from '../components/LanguageSwitch';
import { Mark } from '../components/Mark';
import { useAction } from '../hooks/useAction';
import { useLoad } from '../hooks/useLoad';
import { failureText } from '../text/failure';
import { useLanguage } from '../text/language';
import { term } from '../text/term';
import { useSession } from './session';
import './shell.css';

const REVIEW_COUNT_EVERY_MS = 60_000;

export function Shell({ me }: { me: Me }) {
  const { text } = useLanguage();
  const content = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const firstPath = useRef(pathname);
  const moving = useNavigation().state !== 'idle';

  // A new page starts at its top, and a keyboard or screen reader continues there, not in the menu.
  useEffect(() => {
    if (firstPath.current === pathname) return;
    firstPath.current = pathname;
    content.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [pathname]);

  return (
    <div className="shell">
      <a className="skip" href="#content">{text.app.skip}</a>
      <aside className="side">
        <div className="side-inner">
          <div className="brand"><Mark /><span>{text.app.name}</span></div>
          <Menu />
          <p className="side-foot">{text.app.zone}</p>
        </div>
      </aside>
      <div className="desk">
        <header className="top">
          <span className="top-org">{me.org.name}</span>
          <LanguageSwitch />
          <Person me={me} />
        </header>
        <main id="content" ref={content} tabIndex={-1} className={moving ? 'content content-moving' : 'content'}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}

function Menu() {
  const { text } = useLanguage();
  const waiting = useLoad('to-review', (signal) =>
    api.tasks({ status: 'submitted', sort: 'due', offset: 0, limit: 1 }, signal), REVIEW_COUNT_EVERY_MS);
  const toReview = waiting.value?.total ?? 0;
  return (
    <nav aria-label={text.app.menu} className="menu">
      <Entry to="/tasks" icon={<FileDoneOutlined aria-hidden="true" />} label={text.nav.tasks}>
        {toReview > 0 && <span className="menu-count">{text.app.toReview(toReview)}</span>}
      </Entry>
      <Entry to="/cases" icon={<ContainerOutlined aria-hidden="true" />} label={text.nav.cases} />
      <Entry to="/patrols" icon={<CompassOutlined aria-hidden="true" />} label={text.nav.patrols} />
      <Entry to="/counts" icon={<NumberOutlined aria-hidden="true" />} label={text.nav.counts} />
      <Entry to="/devices" icon={<MobileOutlined aria-hidden="true" />} label={text.nav.devices} />
    </nav>
  );
}

function Entry({ to, icon, label, children }: { to: string; icon: ReactNode; label: string; children?: ReactNode }) {
  return (
    <NavLink to={to} className="menu-entry">
      <span aria-hidden="true">{icon}</span>
      <span className="menu-label">{label}</span>
      {children}
    </NavLink>
  );
}

function Person({ me }: { me: Me }) {
  const { language, text } = useLanguage();
  const { logout } = useSession();
  const { message } = App.useApp();
  const leave = useAction(logout);
  useEffect(() => {
    if (leave.error) void message.error(failureText(leave.error, language, text));
  }, [leave.error, language, text, message]);
  return (
    <div className="person">
      <span className="person-name">{me.display_name}</span>
      <span className="person-role">{term(text.role, me.role)}</span>
      <Button type="text" icon={<LogoutOutlined aria-hidden="true" />} loading={leave.busy} onClick={() => void leave.run()}>
        {text.app.logout}
      </Button>
    </div>
  );
}
