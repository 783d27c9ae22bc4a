// @ts-check
// A backend that takes its time to end, so that the event before its end is alone.
import { createServer } from 'node:http'

createServer((_request, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => setTimeout(() => process.exit(), 1_500))
