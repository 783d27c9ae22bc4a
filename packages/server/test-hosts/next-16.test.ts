import { describeNext } from '../test/support/next-scenarios.ts'

describeNext('Next 16', 'next')
