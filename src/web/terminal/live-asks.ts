// What a live terminal tells its tab, and what it asks its person.
import { notifications } from '@mantine/notifications'
import i18next from 'i18next'
import type { LiveTerminalAsks } from './live-terminal.ts'
import { isPressing, noticeWords, shownForMs } from './notice-words.ts'
import type { Tab } from './open-tabs.ts'
import { changeTab, listTabs, tabTitle } from './open-tabs.ts'
import { askLink, askPaste } from './questions.tsx'
import { withTransfer } from './transfer-list.ts'

/** A toast lies over what is typed with on a small screen. */
const longestToastMs = 60_000
/** The same proxy cuts every terminal: it is named once while the page lives. */
let hasNamedProxy = false

export function asksOf(tab: Tab): LiveTerminalAsks {
  const { t } = i18next
  /** What is shown of an idle session's end, and is not true any more once a key was pressed. */
  let warning: string | undefined
  const unwarn = () => {
    if (warning === undefined) return
    notifications.hide(warning)
    warning = undefined
    changeTab(tab.id, tab.attempt, { notice: undefined })
  }
  /** What is shown of the end of a permission, until that has moved or a later warning says it anew. */
  let ending: string | undefined
  const title = () => tabTitle(listTabs().find(({ id }) => id === tab.id) ?? tab)
  return {
    change(change) {
      if (change.state === 'ended') {
        unwarn()
        if (ending !== undefined) notifications.hide(ending)
      }
      changeTab(tab.id, tab.attempt, change)
    },
    typed: unwarn,
    notice(notice) {
      changeTab(tab.id, tab.attempt, { notice })
      const words = noticeWords(notice)
      const message = 'text' in words ? words.text : t(words.key, words.slots)
      const code = notice.about?.code
      if (ending !== undefined && (code === 'grant_ends_soon' || code === 'grant_prolonged')) {
        notifications.hide(ending)
        ending = undefined
      }
      if (isPressing(notice)) {
        const shown = notifications.show({
          color: notice.level === 'error' ? 'red' : notice.level === 'info' ? 'tide' : 'yellow',
          title: title(),
          message,
          // The bar below keeps saying it.
          autoClose: Math.min(shownForMs(notice), longestToastMs),
        })
        if (code === 'idle_soon') warning = shown
        if (code === 'grant_ends_soon' || code === 'grant_prolonged') ending = shown
      }
      // Before the terminal is open it is all there is to read.
      setTimeout(() => {
        const now = listTabs().find(({ id }) => id === tab.id)
        if (now?.notice === notice && now.state === 'open') changeTab(tab.id, tab.attempt, { notice: undefined })
      }, shownForMs(notice))
    },
    transfer(state) {
      const now = listTabs().find(({ id }) => id === tab.id)
      changeTab(tab.id, tab.attempt, { transfers: withTransfer(now?.transfers ?? [], state, Date.now()) })
    },
    watched: (names) => notifications.show({ title: title(), message: t('live.watch.began', { names: names.join(', ') }) }),
    proxySuspected(seconds) {
      if (hasNamedProxy) return
      hasNamedProxy = true
      notifications.show({ color: 'yellow', title: t('live.proxy.title', { seconds }), message: t('live.proxy.text'), autoClose: false })
    },
    mayPaste: (text, count) => askPaste(text, count),
    mayOpen: (question) => askLink(question),
    refused: (why) => notifications.show({ color: 'yellow', message: why === 'paste' ? t('terminals.paste.tooLarge') : t('terminals.refusedInput') }),
  }
}
