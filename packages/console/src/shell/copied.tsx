import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'

interface CopiedProps {
  readonly text: string
  /** What the text is, to a screen reader. */
  readonly what: string
}

/** Text with a button beside it that copies it. */
export function Copied({ text, what }: CopiedProps) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      copyButtonAriaLabel={`Copy ${what}`}
      copySuccessText="Copied"
      copyErrorText="Not copied: select the text and copy it"
    />
  )
}
