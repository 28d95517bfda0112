import { createTheme } from '@mantine/core'
import type { MantineColorsTuple } from '@mantine/core'

// The one accent. Shade 8 carries white text at 4.9:1, and is read on the ground of a page at 4.6:1.
const tide: MantineColorsTuple = ['#ebf9fd', '#d8f1f8', '#b0e3f0', '#84d3e7', '#5fc3dd', '#3cb2d0', '#23a0c0', '#158fae', '#0c7b97', '#07657d']
const dark: MantineColorsTuple = ['#d3d8df', '#a7afba', '#87909d', '#5f6975', '#363e49', '#282f38', '#1d232b', '#14181e', '#0f1317', '#0b0e12']

export const theme = createTheme({
  primaryColor: 'tide',
  primaryShade: 8,
  colors: { tide, dark },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace',
  headings: { fontWeight: '620', sizes: { h1: { fontSize: '1.375rem', lineHeight: '1.3' }, h2: { fontSize: '1.0625rem', lineHeight: '1.4' } } },
  defaultRadius: 'md',
  cursorType: 'pointer',
  components: {
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45, blur: 2 } } },
    Skeleton: { defaultProps: { radius: 'sm' } },
  },
})
