import { describeNext } from '../test/support/next-scenarios.ts'

describeNext('Next 15', 'next15')
