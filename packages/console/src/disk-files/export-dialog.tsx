import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { Commands } from './commands.tsx'
import { EXPORT_PLACE } from './export-commands.ts'

interface ExportDialogProps {
  readonly header: string
  readonly commands: string
  readonly onEnd: () => void
}

/** Shows how disks become files. Nothing is done here: disks do not fit through a browser. */
export function ExportDialog({ header, commands, onEnd }: ExportDialogProps) {
  return (
    <Modal
      visible
      size="large"
      onDismiss={onEnd}
      header={header}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onEnd}>
            Close
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box>{EXPORT_PLACE}</Box>
        <Commands text={commands} />
      </SpaceBetween>
    </Modal>
  )
}
