import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'
import { describe, expect, it } from 'vitest'
import { endReasons } from '#domain/end-reason.ts'
import { failureCodes } from '#domain/failure.ts'
import { bareWords } from './bare-words.ts'
import { en } from './en.ts'
import { enLater } from './en-later.ts'
import { chooseLanguage } from './words.ts'
import { zh } from './zh.ts'
import { zhLater } from './zh-later.ts'

type Tree = { [key: string]: string | Tree }
const flat = (tree: Tree, prefix = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' ? [[`${prefix}${key}`, value]] : flat(value, `${prefix}${key}.`)))
const english = new Map(flat({ ...en, ...enLater }))
const chinese = new Map(flat({ ...zh, ...zhLater }))
const slots = (text: string | undefined) => (text?.match(/\{\{\w+\}\}/g) ?? []).sort()

const web = fileURLToPath(new URL('..', import.meta.url))
const pages = readdirSync(web, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tsx'))
const words = (source: string) => bareWords(parseSync('page.tsx', source).program)

describe('the words', () => {
  it('are in both languages under the same keys, with the same slots, and none is empty', () => {
    expect(english.size).toBeGreaterThan(200)
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
    for (const [key, text] of english) {
      expect(text, key).not.toBe('')
      expect(chinese.get(key), key).not.toBe('')
      expect(slots(chinese.get(key)), key).toEqual(slots(text))
    }
  })

  it('of later pages take no name of the first ones', () => {
    expect(Object.keys(enLater).filter((name) => name in en)).toEqual([])
  })

  it('explain every failure and every end', () => {
    expect(Object.keys(en.failure).sort()).toEqual([...failureCodes].sort())
    expect(Object.keys(en.endReason).sort()).toEqual([...endReasons].sort())
  })

  it('stand in the catalogues alone: no page has bare words', () => {
    expect(pages.length).toBeGreaterThan(10)
    for (const page of pages) expect(words(readFileSync(`${web}/${page}`, 'utf8')), page).toEqual([])
  })

  it('would be found in a page that had some', () => {
    expect(words('const a = <p title="Help me">Hello {name}</p>')).toEqual(['Help me', 'Hello'])
    expect(words('const a = <Text label={`Delete ${name}`}>{ok ? "Yes" : t("no")}</Text>')).toEqual(['Yes', 'Delete'])
    expect(words('const a = <Text c="dimmed" size="sm">{count} · {t("x")} — <b>/</b></Text>')).toEqual([])
  })

  it('come in the language of the browser unless another was chosen', () => {
    expect(chooseLanguage(null, ['zh-TW', 'en'])).toBe('zh')
    expect(chooseLanguage(null, ['fr-FR', 'en-GB'])).toBe('en')
    expect(chooseLanguage('en', ['zh-CN'])).toBe('en')
    expect(chooseLanguage('constructor', [])).toBe('en')
  })
})
