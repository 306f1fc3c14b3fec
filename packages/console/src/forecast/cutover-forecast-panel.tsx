import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import { CutoverForecast, type CutoverForecastProps } from './cutover-forecast.tsx'

/** The forecast, as a part of a page. */
export function CutoverForecastPanel(props: CutoverForecastProps) {
  return (
    <Container
      header={
        <Header variant="h2" description="If the cutover were begun now.">
          Cutover forecast
        </Header>
      }
    >
      <CutoverForecast {...props} />
    </Container>
  )
}
