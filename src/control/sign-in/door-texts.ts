// What somebody reads at their terminal who has proven who they are and does not get in all the same; in their language.
const texts = {
  password: {
    en: 'You have a first password, which you must change in the browser before you connect',
    zh: '您使用的是初始密码，须先在浏览器中修改后才能连接',
  },
  setup: {
    en: 'You must set up a second factor in the browser before you connect',
    zh: '您须先在浏览器中设置第二因素后才能连接',
  },
  connections: {
    en: 'You have too many connections open: close some, or end them on the page My account',
    zh: '您打开的连接过多：请关闭一些，或在“我的账户”页面结束它们',
  },
} as const
export type DoorLanguage = 'en' | 'zh'
export const languageOf = (stored: string | null): DoorLanguage | undefined => (stored === 'en' || stored === 'zh' ? stored : undefined)

/** One sentence, with the address of the page when that is known. At most 500 characters. */
export function doorText(what: keyof typeof texts, language: string | null, webAddress: string | undefined): string {
  const tongue = languageOf(language) ?? 'en'
  const [colon, stop] = tongue === 'zh' ? ['：', '。'] : [': ', '.']
  const text = texts[what][tongue]
  return webAddress === undefined ? `${text}${stop}` : `${text}${colon}${webAddress.slice(0, 300)}`
}
