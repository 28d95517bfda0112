// Every word of the pages, in both languages. Changing the language changes the page in place.
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { en } from './en.ts'
import { zh } from './zh.ts'

export const languages = [
  { code: 'en', name: 'English' },
  { code: 'zh', name: '简体中文' },
] as const
export type Language = (typeof languages)[number]['code']

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    resources: { translation: typeof en }
  }
}

const storageKey = 'sallyport.language'

/** What was chosen before, else the first language of the browser that we speak, else English. */
export function chooseLanguage(stored: string | null, preferred: readonly string[]): Language {
  for (const wanted of [stored ?? '', ...preferred]) {
    const found = languages.find(({ code }) => wanted.toLowerCase().split('-')[0] === code)
    if (found) return found.code
  }
  return 'en'
}

export async function startWords(): Promise<void> {
  const language = chooseLanguage(localStorage.getItem(storageKey), navigator.languages)
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    resources: { en: { translation: en }, zh: { translation: zh } },
    // React escapes what it shows.
    interpolation: { escapeValue: false },
  })
  showLanguage(language)
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(storageKey, language)
  await i18next.changeLanguage(language)
  showLanguage(language)
}

function showLanguage(language: Language): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
}
