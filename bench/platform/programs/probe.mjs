// @ts-check
// Loaded into the platform's program before its own code: the parent can ask what it uses.
import { answerUsage } from '../../shared/answer-usage.mjs'

answerUsage()
process.channel?.unref()
process.on('disconnect', () => process.exit())
