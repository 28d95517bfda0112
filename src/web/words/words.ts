// Every word of the pages, in both languages. Changing the language changes the page in place.
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { en } from './en.ts'
import type { enLater } from './en-later.ts'

export const languages = [
  { code: 'en', name: 'English' },
  { code: 'zh', name: '简体中文' },
] as const
export type Language = (typeof languages)[number]['code']

/** Each language is a file of its own, loaded when it is chosen. */
const catalogues: Record<Language, () => Promise<typeof en>> = {
  en: async () => (await import('./en.ts')).en,
  zh: async () => (await import('./zh.ts')).zh,
}

/** The words of pages that come with those pages, so that the first page does not wait for them. */
const later: Record<Language, () => Promise<typeof enLater>> = {
  en: async () => (await import('./en-later.ts')).enLater,
  zh: async () => (await import('./zh-later.ts')).zhLater,
}
/** Whether a page has asked for them: from then on every language comes with them. */
let isLaterAsked = false

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    resources: { translation: typeof en & typeof enLater }
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
    // None is needed: both catalogues have every key.
    fallbackLng: false,
    resources: { [language]: { translation: await catalogues[language]() } },
    // React escapes what it shows.
    interpolation: { escapeValue: false },
  })
  showLanguage(language)
}

export async function setLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) i18next.addResourceBundle(language, 'translation', await catalogues[language]())
  if (isLaterAsked) await addLater(language)
  localStorage.setItem(storageKey, language)
  await i18next.changeLanguage(language)
  showLanguage(language)
}

async function addLater(language: Language): Promise<void> {
  i18next.addResourceBundle(language, 'translation', await later[language](), true, true)
}

/** The page once its words are there too. */
export async function withLaterWords<Page>(page: Promise<Page>): Promise<Page> {
  isLaterAsked = true
  const [loaded] = await Promise.all([page, addLater(i18next.language === 'zh' ? 'zh' : 'en')])
  return loaded
}

function showLanguage(language: Language): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
}
