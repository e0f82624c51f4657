/** Which language the console speaks; remembered on this PC, Chinese first. */
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { en } from './en';
import { zh, type Text } from './zh';

export type Language = 'zh' | 'en';
const STORED_AS = 'grid-console-language';
const TEXTS: Record<Language, Text> = { zh, en };
const TAGS: Record<Language, string> = { zh: 'zh-CN', en: 'en' };

interface Speaking { language: Language; text: Text; speak: (language: Language) => void }

const LanguageContext = createContext<Speaking>({ language: 'zh', text: zh, speak: () => {} });

function remembered(): Language {
  try {
    return localStorage.getItem(STORED_AS) === 'en' ? 'en' : 'zh';
  } catch {
    return 'zh';
  }
}

function remember(language: Language): void {
  try {
    localStorage.setItem(STORED_AS, language);
  } catch {
    // Storage may be forbidden on a shared PC: the choice then lasts until the page closes.
  }
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(remembered);
  useEffect(() => {
    document.documentElement.lang = TAGS[language];
    remember(language);
  }, [language]);
  const value = useMemo(() => ({ language, text: TEXTS[language], speak: setLanguage }), [language]);
  return <LanguageContext value={value}>{children}</LanguageContext>;
}

export const useLanguage = (): Speaking => useContext(LanguageContext);
export const useText = (): Text => useContext(LanguageContext).text;
