import { describeNext } from './support/next-scenarios.ts'

describeNext('Next 15', 'next15')
