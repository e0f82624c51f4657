import { Alert, Button, Form, Input } from 'antd';
import { Navigate, useLocation } from 'react-router';
import { useSession } from '../../app/session';
import { FailureNote } from '../../components/FailureNote';
import { LanguageSwitch } from '../../components/LanguageSwitch';
import { Mark } from '../../components/Mark';
import { useAction } from '../../hooks/useAction';
import { usePageTitle } from '../../hooks/usePageTitle';
import { useText } from '../../text/language';
import './login.css';

interface CameFrom { from?: string; expired?: boolean }
interface Entered { name: string; password: string }

export function LoginPage() {
  const { standing, login } = useSession();
  const { login: words, failure, app } = useText();
  const came = (useLocation().state ?? {}) as CameFrom;
  const enter = useAction(({ name, password }: Entered) => login(name.trim(), password));
  usePageTitle(words.title);
  if (standing.state === 'in') return <Navigate to={came.from ?? '/tasks'} replace />;

  return (
    <div className="login">
      <section className="login-story" aria-label={app.name}>
        <div className="login-brand"><Mark size={34} /><span>{app.name}</span></div>
        <p className="login-tagline">{app.tagline}</p>
        <ul className="login-points">
          <li>{words.pointOne}</li>
          <li>{words.pointTwo}</li>
          <li>{words.pointThree}</li>
        </ul>
        <Sea />
      </section>
      <main className="login-desk">
        <div className="login-language"><LanguageSwitch /></div>
        <div className="login-form">
          <h1>{words.title}</h1>
          <p className="page-lead">{words.lead}</p>
          {came.expired && !enter.error && <Alert type="info" showIcon title={failure.signedOut} />}
          {enter.error && <FailureNote error={enter.error} />}
          <Form<Entered> layout="vertical" size="large" requiredMark={false} onFinish={(entered) => void enter.run(entered)}>
            <Form.Item name="name" label={words.name} rules={[{ required: true, whitespace: true, message: words.needName }]}>
              <Input autoComplete="username" autoFocus />
            </Form.Item>
            <Form.Item name="password" label={words.password} rules={[{ required: true, message: words.needPassword }]}>
              <Input.Password autoComplete="current-password" />
            </Form.Item>
            <Button type="primary" htmlType="submit" block loading={enter.busy}>{words.submit}</Button>
          </Form>
        </div>
      </main>
    </div>
  );
}

function Sea() {
  return (
    <svg className="login-sea" viewBox="0 0 600 200" preserveAspectRatio="none" aria-hidden="true">
      <path d="M0 70c60-26 120-26 180 0s120 26 180 0 120-26 180 0 60 13 60 13v117H0z" fill="#174350" />
      <path d="M0 112c75-24 150-24 225 0s150 24 225 0 112-18 150-8v96H0z" fill="#1d5261" />
      <path d="M0 154c50-16 100-16 150 0s100 16 150 0 100-16 150 0 100 16 150 0v46H0z" fill="#236373" />
    </svg>
  );
}
