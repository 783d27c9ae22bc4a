import { describeNext } from './support/next-scenarios.ts'

describeNext('Next 16', 'next')
