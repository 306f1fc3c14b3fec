import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { CodeBlock } from '../shell/code-block.tsx'
import { COPY_RESULTS } from '../shell/copied.tsx'

/** Commands to be run by whoever looks at them. */
export function Commands({ text }: { readonly text: string }) {
  return (
    <SpaceBetween size="s">
      <CodeBlock>{text}</CodeBlock>
      <CopyToClipboard copyButtonText="Copy" textToCopy={`${text}\n`} {...COPY_RESULTS} />
    </SpaceBetween>
  )
}
