import { Segmented } from 'antd';
import { useLanguage, type Language } from '../text/language';

export function LanguageSwitch() {
  const { language, text, speak } = useLanguage();
  return (
    <Segmented<Language>
      size="small"
      aria-label={text.app.language}
      value={language}
      onChange={speak}
      options={[{ value: 'zh', label: text.app.languageZh }, { value: 'en', label: text.app.languageEn }]}
    />
  );
}
