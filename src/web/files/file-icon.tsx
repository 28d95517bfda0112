import {
  IconDatabase,
  IconFile,
  IconFileCode,
  IconFileText,
  IconFileTypePdf,
  IconFileUnknown,
  IconFileZip,
  IconFolderFilled,
  IconFolderSymlink,
  IconKey,
  IconLinkOff,
  IconMovie,
  IconMusic,
  IconPhoto,
  IconTerminal2,
} from '@tabler/icons-react'
import type { Icon } from '@tabler/icons-react'
import type { FileEntry } from '#wire/files.ts'
import { isFolder } from './file-order.ts'
import classes from './file-grid.module.css'

const endings: readonly [Icon, string][] = [
  [IconFileZip, 'zip gz tgz xz bz2 zst 7z rar tar jar war deb rpm whl'],
  [IconPhoto, 'png jpg jpeg gif webp svg ico bmp tiff heic'],
  [IconMovie, 'mp4 mkv mov webm avi'],
  [IconMusic, 'mp3 wav flac ogg m4a'],
  [IconFileTypePdf, 'pdf'],
  [IconTerminal2, 'sh bash zsh fish bat ps1 run bin'],
  [IconDatabase, 'sql db sqlite sqlite3 dump parquet'],
  [IconKey, 'pem key crt cer pub p12 asc gpg'],
  [IconFileCode, 'js ts tsx jsx py rb go rs c h cc cpp java kt php pl lua html css json yaml yml toml ini conf cfg xml service'],
  [IconFileText, 'txt md log csv tsv rst doc docx odt xls xlsx ods out err'],
]
const byEnding = new Map(endings.flatMap(([icon, names]) => names.split(' ').map((name) => [name, icon] as const)))

/** What a name promises; a look, not a judgement. */
export function FileIcon({ entry }: { entry: FileEntry }) {
  const { kind, leadsTo, name } = entry
  const folder = isFolder(entry)
  const Mark =
    kind === 'link' && leadsTo === 'nothing'
      ? IconLinkOff
      : folder
        ? kind === 'link'
          ? IconFolderSymlink
          : IconFolderFilled
        : kind === 'other'
          ? IconFileUnknown
          : (byEnding.get(name.slice(name.lastIndexOf('.') + 1).toLowerCase()) ?? IconFile)
  return <Mark size={18} stroke={1.6} aria-hidden className={classes['icon']} data-folder={folder || undefined} />
}
