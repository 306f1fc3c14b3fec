import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { saveFile } from '../api/save-file.ts'
import { CodeBlock } from '../shell/code-block.tsx'
import { COPY_RESULTS } from '../shell/copied.tsx'
import { CA_FILE, type CommandStep } from './commands.ts'

interface CommandBlocksProps {
  readonly steps: readonly CommandStep[]
  readonly caCertificatePem: string
  readonly problem: string | undefined
}

/** The commands, to be pasted one by one or all together. */
export function CommandBlocks({ steps, caCertificatePem, problem }: CommandBlocksProps) {
  const certificate = () =>
    saveFile(new Blob([caCertificatePem], { type: 'application/x-pem-file' }), CA_FILE)
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="For a shell of root on the server (sudo -i)."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button iconName="download" onClick={certificate}>
                Download the certificate
              </Button>
              <CopyToClipboard
                copyButtonText="Copy all"
                textToCopy={`${steps.map(({ text }) => text).join('\n')}\n`}
                {...COPY_RESULTS}
                {...(problem !== undefined && { disabled: true, disabledReason: problem })}
              />
            </SpaceBetween>
          }
        >
          Commands
        </Header>
      }
    >
      <SpaceBetween size="m">
        {problem !== undefined && <Alert type="error">{problem}</Alert>}
        {steps.map((step, index) => (
          <CommandBlock key={step.title} step={step} number={index + 1} />
        ))}
      </SpaceBetween>
    </Container>
  )
}

function CommandBlock({ step, number }: { readonly step: CommandStep; readonly number: number }) {
  const { title, text } = step
  return (
    <section aria-label={title}>
      <SpaceBetween size="xxs">
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <Box variant="h3">
            {number}. {title}
          </Box>
          <CopyToClipboard
            variant="icon"
            copyButtonAriaLabel={`Copy: ${title}`}
            textToCopy={`${text}\n`}
            {...COPY_RESULTS}
          />
        </SpaceBetween>
        <CodeBlock>{text}</CodeBlock>
      </SpaceBetween>
    </section>
  )
}
