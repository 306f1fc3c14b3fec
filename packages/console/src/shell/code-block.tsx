import Box from '@cloudscape-design/components/box'

/** Text as it is, of which long lines are scrolled to, also by keyboard. */
export function CodeBlock({ children }: { readonly children: string }) {
  return (
    <Box variant="code">
      <pre tabIndex={0} style={{ overflowX: 'auto', margin: 0 }}>
        {children}
      </pre>
    </Box>
  )
}
