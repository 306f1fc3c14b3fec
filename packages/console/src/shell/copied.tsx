import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'

/** What a button that copies says of what came of it. */
export const COPY_RESULTS = {
  copySuccessText: 'Copied',
  copyErrorText: 'Not copied: select the text and copy it',
}

interface CopiedProps {
  readonly text: string
  /** What the text is, to a screen reader; the text itself unless said otherwise. */
  readonly what?: string
}

/** Text with a button beside it that copies it. */
export function Copied({ text, what = text }: CopiedProps) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      copyButtonAriaLabel={`Copy ${what}`}
      {...COPY_RESULTS}
    />
  )
}
