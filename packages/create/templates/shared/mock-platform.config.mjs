// The platform during development. `npm run dev` starts it, then the app, which finds it by its environment.
import { defineConfig } from '@session-backend/mock-platform'

export default defineConfig({
  dataDir: '.data/platform',
  services: {
    board: {
      command: ['node', '--import', 'tsx', 'backend.ts'],
      // When you change one of these files, open boards get a new backend.
      watch: ['backend.ts', 'protocol.ts'],
    },
  },
})
