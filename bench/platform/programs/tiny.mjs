// @ts-check
// The program whose start is timed: it says when it listens, and answers with a few bytes.
import { createServer } from 'node:http'

const server = createServer((_request, response) => response.end('ready'))
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'))
