import { App, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { RouterProvider } from 'react-router';
import { LanguageProvider, useLanguage } from '../text/language';
import { router } from './routes';
import { SessionProvider } from './session';
import { theme } from './theme';

export function Console() {
  return (
    <LanguageProvider>
      <SessionProvider>
        <Themed />
      </SessionProvider>
    </LanguageProvider>
  );
}

function Themed() {
  const { language } = useLanguage();
  dayjs.locale(language === 'zh' ? 'zh-cn' : 'en');
  return (
    <ConfigProvider theme={theme} locale={language === 'zh' ? zhCN : enUS} button={{ autoInsertSpace: false }}>
      <App message={{ maxCount: 2 }}>
        <RouterProvider router={router} />
      </App>
    </ConfigProvider>
  );
}
