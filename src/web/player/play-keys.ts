// The keys of the player, as in asciinema and video players.

export type PlayAct =
  | { act: 'toggle' | 'fullscreen' | 'help' | 'search' | 'copy-screen' | 'copy-link' | 'start' | 'end' }
  | { act: 'jump'; seconds: number }
  | { act: 'share'; share: number }
  | { act: 'step' | 'speed' | 'marker' | 'recording'; by: 1 | -1 }

type Key = Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey'>

/** Undefined for what is no key of the player. Keys with Ctrl, Alt or Meta stay the browser's. */
export function playAct({ key, altKey, ctrlKey, metaKey, shiftKey }: Key): PlayAct | undefined {
  if (altKey || ctrlKey || metaKey) return undefined
  if (/^[0-9]$/.test(key)) return { act: 'share', share: Number(key) / 10 }
  switch (key) {
    case ' ':
    case 'k':
      return { act: 'toggle' }
    case 'ArrowLeft':
      return { act: 'jump', seconds: shiftKey ? -60 : -5 }
    case 'ArrowRight':
      return { act: 'jump', seconds: shiftKey ? 60 : 5 }
    case 'Home':
      return { act: 'start' }
    case 'End':
      return { act: 'end' }
    case '[':
    case '<':
      return { act: 'speed', by: -1 }
    case ']':
    case '>':
      return { act: 'speed', by: 1 }
    case '.':
      return { act: 'step', by: 1 }
    case ',':
      return { act: 'step', by: -1 }
    case 'n':
      return { act: 'marker', by: 1 }
    case 'p':
      return { act: 'marker', by: -1 }
    case 'N':
      return { act: 'recording', by: 1 }
    case 'P':
      return { act: 'recording', by: -1 }
    case 'f':
      return { act: 'fullscreen' }
    case '/':
      return { act: 'search' }
    case 'c':
      return { act: 'copy-screen' }
    case 'l':
      return { act: 'copy-link' }
    case '?':
      return { act: 'help' }
    default:
      return undefined
  }
}
