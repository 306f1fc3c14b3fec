import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { CodeBlock } from '../shell/code-block.tsx'

/** Commands to be run by whoever looks at them. */
export function Commands({ text }: { readonly text: string }) {
  return (
    <SpaceBetween size="s">
      <CodeBlock>{text}</CodeBlock>
      <CopyToClipboard
        copyButtonText="Copy"
        textToCopy={`${text}\n`}
        copySuccessText="Copied"
        copyErrorText="Not copied: select the text and copy it"
      />
    </SpaceBetween>
  )
}
